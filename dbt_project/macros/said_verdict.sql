{# row 5 of the decision table holds two things apart in words: a balance that nobody has shown to hold yet, and one
   that can't be read at all -#}
{% macro said_verdict(verdict, untrusted_balance_count) -%}
    case
        when {{ verdict }} = 'improved_balance_unproven' and {{ untrusted_balance_count }} > 0
            then 'improved_balance_untrusted'
        else {{ verdict }}
    end
{%- endmacro %}
