{# how many usable periods lock a chart, as text: the setting, never below 12; 12 outages make 11 gaps -#}
{% macro periods_to_lock(chart_grain) -%}
    case
        when {{ chart_grain }} = 'outage' then '11'
        else cast(greatest(12, cast({{ setting_number('baseline_weeks', 16) }} as integer)) as varchar)
    end
{%- endmacro %}
