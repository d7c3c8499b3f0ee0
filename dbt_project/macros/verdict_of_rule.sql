{% macro verdict_of_rule(rule_number) -%}
    case {{ rule_number }}
        when 1 then 'tripped'
        when 2 then 'untrusted'
        when 3 then 'insufficient_data'
        when 4 then 'traded_off'
        when 5 then 'improved_balance_unproven'
        when 6 then 'improved_in_balance'
        when 7 then 'worsened_with_side_effects'
        when 8 then 'worsened'
        when 9 then 'side_effect_only'
        when 10 then 'no_signal'
    end
{%- endmacro %}
