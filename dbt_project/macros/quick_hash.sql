{% macro quick_hash(columns) -%}
    {{ adapter.dispatch('quick_hash', 'steelyard')(columns) }}
{%- endmacro %}

{% macro default__quick_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro postgres__quick_hash(columns) -%}
    hashtextextended(concat_ws(chr(31), {{ columns | join(', ') }}), 0)
{%- endmacro %}

{% macro spark__quick_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}
