{% macro plus_hours(instant, hours) -%}
    {{ adapter.dispatch('plus_hours', 'steelyard')(instant, hours) }}
{%- endmacro %}

{% macro default__plus_hours(instant, hours) -%}
    ({{ instant }} + to_microseconds(cast(round({{ hours }} * 3600000000) as bigint)))
{%- endmacro %}
