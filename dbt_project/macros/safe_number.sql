{% macro safe_number(text) -%}
    {{ adapter.dispatch('safe_number', 'steelyard')(text) }}
{%- endmacro %}

{% macro default__safe_number(text) -%}
    try_cast({{ text }} as {{ double_type() }})
{%- endmacro %}

{# a pattern instead of a cast that may fail; the engine knows no other -#}
{% macro postgres__safe_number(text) -%}
    steelyard_number(cast({{ text }} as text))
{%- endmacro %}

{% macro spark__safe_number(text) -%}
    {{ spark_number(text) }}
{%- endmacro %}
