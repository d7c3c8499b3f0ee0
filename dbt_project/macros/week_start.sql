{% macro week_start(instant) -%}
    {{ adapter.dispatch('week_start', 'steelyard')(instant) }}
{%- endmacro %}

{% macro default__week_start(instant) -%}
    cast(date_trunc('week', {{ to_reporting_zone(instant) }}) as date)
{%- endmacro %}
