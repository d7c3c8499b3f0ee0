{% macro whole_weeks(first_week, last_week) -%}
    cast(({{ last_week }} - {{ first_week }}) / 7 as integer)
{%- endmacro %}
