{% macro period_days(grain, period_start_date) -%}
    cast(case {{ grain }}
        when 'month'
            then {{ calendar_period_start(period_start_date, 'month', 1) }} - {{ period_start_date }}
        when 'quarter'
            then {{ calendar_period_start(period_start_date, 'quarter', 1) }} - {{ period_start_date }}
        else 7 * {{ grain_weeks(grain) }}
    end as integer)
{%- endmacro %}
