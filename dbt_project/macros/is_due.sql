{# the periods that a card speaks of: complete ones, and such as are over and known not to be usable. Where only
   late events may still come, silence and faults are no earlier a finding than they are later -#}
{% macro is_due(is_ripe, is_provisional, trust_grade) -%}
    ({{ is_ripe }} or (coalesce({{ is_provisional }}, false) and coalesce({{ trust_grade }}, 'D') in ('C', 'D')))
{%- endmacro %}
