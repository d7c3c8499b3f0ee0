{% macro plain_number(number, digits) -%}
    regexp_replace(cast(round({{ number }}, {{ digits }}) as varchar), '\.0+$', '')
{%- endmacro %}
