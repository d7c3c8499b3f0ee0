{# why a figure about these people may not be shown; null where it may. Nobody knows who did nothing -#}
{% macro primary_reason(person_count, least_people, kind, numerator, denominator, top_share) -%}
    case
        when coalesce({{ person_count }}, 0) < {{ least_people }} then 'few_people'
        -- nobody and everybody: a share of 0 or 1 among few tells something of each of them
        when {{ kind }} in ('proportion', 'ratio_of_sums')
            and {{ numerator }} in (0, {{ denominator }}) and {{ person_count }} < 2 * {{ least_people }}
            then 'extreme_share'
        -- a figure that one person makes is about that person
        when {{ least_people }} > 0 and {{ top_share }} > 0.6 then 'dominance'
    end
{%- endmacro %}
