{% macro offset_instant(instant_text) -%}
    {{ adapter.dispatch('offset_instant', 'steelyard')(instant_text) }}
{%- endmacro %}

{% macro default__offset_instant(instant_text) -%}
    timezone('UTC', try_cast({{ instant_text }} as timestamptz))
{%- endmacro %}
