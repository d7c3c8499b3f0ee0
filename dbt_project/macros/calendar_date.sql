{% macro calendar_date(date_text) -%}
    {{ adapter.dispatch('calendar_date', 'steelyard')(date_text) }}
{%- endmacro %}

{% macro default__calendar_date(date_text) -%}
    try_cast({{ date_text }} as date)
{%- endmacro %}

{% macro postgres__calendar_date(date_text) -%}
    cast(steelyard_instant({{ date_text }}) as date)
{%- endmacro %}

{% macro spark__calendar_date(date_text) -%}
    cast({{ spark_instant(date_text) }} as date)
{%- endmacro %}
