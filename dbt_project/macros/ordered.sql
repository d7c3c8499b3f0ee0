{% macro ordered(aggregate, number, by=none) -%}
    {{ adapter.dispatch('ordered', 'steelyard')(aggregate, number, by) }}
{%- endmacro %}

{% macro default__ordered(aggregate, number, by) -%}
    {{ aggregate }}({{ number }} order by {{ by or number }})
{%- endmacro %}
