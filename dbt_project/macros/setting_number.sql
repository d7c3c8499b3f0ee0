{% macro setting_number(setting, fallback) -%}
    coalesce((
        select max(cast(value as {{ double_type() }})) from {{ source('registry', 'settings') }}
        where setting = '{{ setting }}'
    ), {{ fallback }})
{%- endmacro %}
