{% macro day_month_instant(instant_text) -%}
    {{ adapter.dispatch('day_month_instant', 'steelyard')(instant_text) }}
{%- endmacro %}

{% macro default__day_month_instant(instant_text) -%}
    try_strptime({{ instant_text }}, '%d/%m/%Y %H:%M')
{%- endmacro %}

{% macro postgres__day_month_instant(instant_text) -%}
    steelyard_instant(regexp_replace(
        {{ instant_text }}, '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}:[0-9]{2})$', '\3-\2-\1 \4'
    ))
{%- endmacro %}

{% macro spark__day_month_instant(instant_text) -%}
    {%- set year_first -%}
    regexp_replace(
        {{ instant_text }}, '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}:[0-9]{2})$', '$3-$2-$1 $4'
    )
    {%- endset -%}
    {{ spark_instant(year_first) }}
{%- endmacro %}
