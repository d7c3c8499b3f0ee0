{% macro counted_period_start(day_number, length_days) -%}
    cast(
        cast('2024-01-01' as date) + cast(
            floor({{ day_number }} / {{ length_days }}.0) * {{ length_days }} as integer
        ) as date
    )
{%- endmacro %}
