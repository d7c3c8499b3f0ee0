{% macro from_reporting_zone(local_instant) -%}
    {{ adapter.dispatch('from_reporting_zone', 'steelyard')(local_instant) }}
{%- endmacro %}

{% macro default__from_reporting_zone(local_instant) -%}
    timezone(
        'UTC',
        timezone(
            (select reporting_time_zone from {{ source('registry', 'run_context') }}),
            cast({{ local_instant }} as timestamp)
        )
    )
{%- endmacro %}

{% macro spark__from_reporting_zone(local_instant) -%}
    convert_timezone(
        (select max(reporting_time_zone) from {{ source('registry', 'run_context') }}),
        'UTC',
        cast({{ local_instant }} as timestamp)
    )
{%- endmacro %}
