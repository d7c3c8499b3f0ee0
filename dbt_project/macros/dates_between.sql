{% macro dates_between(first_date, last_date, step_days) -%}
    {{ adapter.dispatch('dates_between', 'steelyard')(first_date, last_date, step_days) }}
{%- endmacro %}

{% macro default__dates_between(first_date, last_date, step_days) -%}
    cast(
        unnest(generate_series(
            cast({{ first_date }} as timestamp),
            cast({{ last_date }} as timestamp),
            interval {{ step_days }} day
        )) as date
    )
{%- endmacro %}

{% macro postgres__dates_between(first_date, last_date, step_days) -%}
    cast(
        generate_series(
            cast({{ first_date }} as timestamp),
            cast({{ last_date }} as timestamp),
            interval '{{ step_days }} day'
        ) as date
    )
{%- endmacro %}

{# an empty range is none here, not an error; the generator may not stand inside a cast -#}
{% macro spark__dates_between(first_date, last_date, step_days) -%}
    explode(case
        when cast({{ first_date }} as date) <= cast({{ last_date }} as date)
            then sequence(cast({{ first_date }} as date), cast({{ last_date }} as date), interval '{{ step_days }}' day)
    end)
{%- endmacro %}
