{% macro pair_rule(trust_grade, has_enough_data, signal, balance_count, breached_count, held_count) -%}
    case
        when {{ trust_grade }} in ('C', 'D') then 2
        when not {{ has_enough_data }} then 3
        when {{ signal }} = 'improved' and {{ breached_count }} > 0 then 4
        when {{ signal }} = 'improved'
            and ({{ balance_count }} = 0 or {{ held_count }} < {{ balance_count }}) then 5
        when {{ signal }} = 'improved' then 6
        when {{ signal }} = 'worsened' and {{ breached_count }} > 0 then 7
        when {{ signal }} = 'worsened' then 8
        when {{ breached_count }} > 0 then 9
        else 10
    end
{%- endmacro %}
