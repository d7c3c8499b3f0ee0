{% macro plus_hours(instant, hours) -%}
    {{ plus_micros(instant, 'round(' ~ hours ~ ' * 3600000000)') }}
{%- endmacro %}
