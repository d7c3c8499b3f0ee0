{% macro period_days(grain, period_start_date) -%}
    cast(case {{ grain }}
        when 'month'
            then {{ days_between(period_start_date, calendar_period_start(period_start_date, 'month', 1)) }}
        when 'quarter'
            then {{ days_between(period_start_date, calendar_period_start(period_start_date, 'quarter', 1)) }}
        else 7 * {{ grain_weeks(grain) }}
    end as integer)
{%- endmacro %}
