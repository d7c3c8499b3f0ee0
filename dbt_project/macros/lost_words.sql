{# from when to when, and why, weeks of a lead can't be used; NULL where no reason is known. A week is named beside
   the reason where there are several, for each has figures of its own -#}
{% macro lost_words(obstacles, trust_grade) -%}
    {%- set use = "case " ~ trust_grade ~ " when 'D' then 'withheld' else 'not to be used' end" -%}
    {%- set first = "cast(" ~ obstacles ~ ".lost_from_date as varchar)" -%}
    {%- set last = "cast(" ~ obstacles ~ ".lost_to_date as varchar)" -%}
    {%- set is_one = obstacles ~ ".lost_from_date = " ~ obstacles ~ ".lost_to_date" -%}
    case
        when not {{ obstacles }}.is_lost_still and {{ is_one }}
            then 'it is ' || {{ use }} || ' in the week of ' || {{ last }}
        when not {{ obstacles }}.is_lost_still
            then 'it is ' || {{ use }} || ' in the weeks of ' || {{ first }} || ' to ' || {{ last }}
        else 'it is ' || {{ use }} || ' since the week of ' || {{ first }}
    end
    || ': ' || {{ obstacles }}.trust_reason
    || case
        when {{ is_one }} then ''
        else ', in the week of ' || cast({{ obstacles }}.trust_week_start_date as varchar)
    end
    || case
        when {{ obstacles }}.is_lost_still then '. Mend the instrument first'
        else '. Later weeks can be believed, but a verdict goes by the four latest complete periods together'
    end
{%- endmacro %}
