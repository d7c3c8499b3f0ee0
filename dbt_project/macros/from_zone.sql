{% macro from_zone(local_instant, zone) -%}
    {{ adapter.dispatch('from_zone', 'steelyard')(local_instant, zone) }}
{%- endmacro %}

{% macro default__from_zone(local_instant, zone) -%}
    timezone('UTC', timezone({{ zone }}, cast({{ local_instant }} as timestamp)))
{%- endmacro %}

{% macro spark__from_zone(local_instant, zone) -%}
    convert_timezone({{ zone }}, 'UTC', cast({{ local_instant }} as timestamp))
{%- endmacro %}
