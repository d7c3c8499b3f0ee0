{# since when, or from when to when, a metric can't be used, and why. A week is named beside the reason where weeks differ
   in it: each has figures of its own -#}
{% macro lost_words(row) -%}
    {%- set first = "cast(" ~ row ~ ".lost_from_date as varchar)" -%}
    {%- set is_one = row ~ ".lost_from_date = " ~ row ~ ".lost_to_date" -%}
    case {{ row }}.trust_grade when 'D' then 'withheld' else 'not to be used' end
    || case
        when {{ row }}.is_lost_still then ' since the week of ' || {{ first }}
        when {{ is_one }} then ' in the week of ' || {{ first }}
        else ' in the weeks of ' || {{ first }} || ' to ' || cast({{ row }}.lost_to_date as varchar)
    end
    || ': ' || coalesce({{ row }}.trust_reason, 'no check ran')
    || case
        when not {{ row }}.has_many_reasons then ''
        else ', in the week of ' || cast({{ row }}.trust_week_start_date as varchar)
    end
{%- endmacro %}
