{% macro day_month_instant(instant_text) -%}
    {{ adapter.dispatch('day_month_instant', 'steelyard')(instant_text) }}
{%- endmacro %}

{% macro default__day_month_instant(instant_text) -%}
    try_strptime({{ instant_text }}, '%d/%m/%Y %H:%M')
{%- endmacro %}
