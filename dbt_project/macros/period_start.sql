{% macro period_start(week_start_date, weeks) -%}
    {{ adapter.dispatch('period_start', 'steelyard')(week_start_date, weeks) }}
{%- endmacro %}

{% macro default__period_start(week_start_date, weeks) -%}
    (
        date '2024-01-01' + cast(
            floor(({{ week_start_date }} - date '2024-01-01') / (7.0 * {{ weeks }})) * 7 * {{ weeks }} as integer
        )
    )
{%- endmacro %}

{% macro spark__period_start(week_start_date, weeks) -%}
    date_add(
        date '2024-01-01',
        cast(
            floor(datediff({{ week_start_date }}, date '2024-01-01') / (7.0 * {{ weeks }})) * 7 * {{ weeks }} as integer
        )
    )
{%- endmacro %}
