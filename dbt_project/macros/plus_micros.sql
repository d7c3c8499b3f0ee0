{% macro plus_micros(instant, micros) -%}
    {{ adapter.dispatch('plus_micros', 'steelyard')(instant, micros) }}
{%- endmacro %}

{% macro default__plus_micros(instant, micros) -%}
    ({{ instant }} + to_microseconds(cast({{ micros }} as bigint)))
{%- endmacro %}

{% macro postgres__plus_micros(instant, micros) -%}
    ({{ instant }} + ({{ micros }}) * interval '1 microsecond')
{%- endmacro %}

{% macro spark__plus_micros(instant, micros) -%}
    timestampadd(microsecond, cast({{ micros }} as bigint), {{ instant }})
{%- endmacro %}
