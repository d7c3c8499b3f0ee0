{# Monday of the first week of a calendar period; a week belongs to the period of its Thursday -#}
{% macro calendar_period_start(week_start_date, unit, periods_later=0) -%}
    {{ adapter.dispatch('calendar_period_start', 'steelyard')(week_start_date, unit, periods_later) }}
{%- endmacro %}

{% macro default__calendar_period_start(week_start_date, unit, periods_later) -%}
    cast(date_trunc('week', cast(
        date_trunc('{{ unit }}', {{ week_start_date }} + 3)
        + interval '{{ periods_later * (3 if unit == 'quarter' else 1) }}' month as date
    ) + 3) as date)
{%- endmacro %}
