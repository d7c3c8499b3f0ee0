{% macro ordered(aggregate, number, by=none) -%}
    {{ adapter.dispatch('ordered', 'steelyard')(aggregate, number, by) }}
{%- endmacro %}

{% macro default__ordered(aggregate, number, by) -%}
    {{ aggregate }}({{ number }} order by {{ by or number }})
{%- endmacro %}

{# no order inside an aggregate here: sums of doubles may differ in their last digits -#}
{% macro spark__ordered(aggregate, number, by) -%}
    {{ aggregate }}({{ number }})
{%- endmacro %}
