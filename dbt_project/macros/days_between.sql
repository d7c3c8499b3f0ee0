{# whole days from one date to another: an interval on an engine whose dates subtract to one -#}
{% macro days_between(first_date, last_date) -%}
    {{ adapter.dispatch('days_between', 'steelyard')(first_date, last_date) }}
{%- endmacro %}

{% macro default__days_between(first_date, last_date) -%}
    ({{ last_date }} - {{ first_date }})
{%- endmacro %}

{% macro spark__days_between(first_date, last_date) -%}
    datediff({{ last_date }}, {{ first_date }})
{%- endmacro %}
