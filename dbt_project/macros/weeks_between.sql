{% macro weeks_between(first_week, last_week) -%}
    {{ dates_between(first_week, last_week, 7) }}
{%- endmacro %}
