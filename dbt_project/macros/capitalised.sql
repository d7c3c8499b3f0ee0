{% macro capitalised(words) -%}
    upper(substr({{ words }}, 1, 1)) || substr({{ words }}, 2)
{%- endmacro %}
