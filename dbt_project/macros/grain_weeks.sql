{% macro grain_weeks(grain) -%}
    case {{ grain }}
        when 'week' then 1
        when 'fortnight' then 2
        when 'four_weeks' then 4
        when 'thirteen_weeks' then 13
    end
{%- endmacro %}
