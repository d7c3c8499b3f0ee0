{% macro micros_between(from_instant, to_instant) -%}
    {{ adapter.dispatch('micros_between', 'steelyard')(from_instant, to_instant) }}
{%- endmacro %}

{% macro default__micros_between(from_instant, to_instant) -%}
    (epoch_us({{ to_instant }}) - epoch_us({{ from_instant }}))
{%- endmacro %}

{# numeric: exact, where a double would lose microseconds -#}
{% macro postgres__micros_between(from_instant, to_instant) -%}
    cast(extract(epoch from ({{ to_instant }}) - ({{ from_instant }})) * 1000000 as bigint)
{%- endmacro %}

{% macro spark__micros_between(from_instant, to_instant) -%}
    timestampdiff(microsecond, {{ from_instant }}, {{ to_instant }})
{%- endmacro %}
