{% macro to_reporting_zone(instant) -%}
    {{ adapter.dispatch('to_reporting_zone', 'steelyard')(instant) }}
{%- endmacro %}

{% macro default__to_reporting_zone(instant) -%}
    timezone(
        (select reporting_time_zone from {{ source('registry', 'run_context') }}),
        timezone('UTC', {{ instant }})
    )
{%- endmacro %}

{% macro spark__to_reporting_zone(instant) -%}
    convert_timezone(
        'UTC',
        (select max(reporting_time_zone) from {{ source('registry', 'run_context') }}),
        {{ instant }}
    )
{%- endmacro %}
