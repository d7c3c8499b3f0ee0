{% macro whole_weeks(first_week, last_week) -%}
    cast({{ days_between(first_week, last_week) }} / 7 as integer)
{%- endmacro %}
