{% macro quick_hash(columns) -%}
    {{ adapter.dispatch('quick_hash', 'steelyard')(columns) }}
{%- endmacro %}

{% macro default__quick_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}
