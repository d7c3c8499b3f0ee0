{% macro ordered(aggregate, number) -%}
    {{ adapter.dispatch('ordered', 'steelyard')(aggregate, number) }}
{%- endmacro %}

{% macro default__ordered(aggregate, number) -%}
    {{ aggregate }}({{ number }} order by {{ number }})
{%- endmacro %}
