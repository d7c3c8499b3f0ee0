{% macro weeks_between(first_week, last_week) -%}
    {{ adapter.dispatch('weeks_between', 'steelyard')(first_week, last_week) }}
{%- endmacro %}

{% macro default__weeks_between(first_week, last_week) -%}
    cast(
        unnest(generate_series(
            cast({{ first_week }} as timestamp), cast({{ last_week }} as timestamp), interval 7 day
        )) as date
    )
{%- endmacro %}
