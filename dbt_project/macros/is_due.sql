{# whether a week can't be used and late events will not mend it: a start, an earlier step, a finish or a number of a
   sequence that is missing may still come; silence and what was sent wrong are no earlier a finding than later -#}
{% macro is_lost(trust_grade, check_id) -%}
    (coalesce({{ trust_grade }}, 'D') in ('C', 'D') and coalesce({{ check_id }}, 0) not in (4, 5, 13, 20))
{%- endmacro %}

{# the periods that a card speaks of: complete ones, and such as are over and lost where only late events may come -#}
{% macro is_due(is_ripe, is_provisional, is_lost) -%}
    ({{ is_ripe }} or (coalesce({{ is_provisional }}, false) and {{ is_lost }}))
{%- endmacro %}
