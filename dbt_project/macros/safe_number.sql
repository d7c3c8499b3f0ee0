{% macro safe_number(text) -%}
    {{ adapter.dispatch('safe_number', 'steelyard')(text) }}
{%- endmacro %}

{% macro default__safe_number(text) -%}
    try_cast({{ text }} as {{ double_type() }})
{%- endmacro %}
