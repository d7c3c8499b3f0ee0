{% macro too_few(unit_count, minimum_n) -%}
    coalesce({{ unit_count }} < {{ minimum_n }}, false)
{%- endmacro %}
