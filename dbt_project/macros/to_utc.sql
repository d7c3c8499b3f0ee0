{% macro to_utc(text, naive_zone=none) -%}
    {{ adapter.dispatch('to_utc', 'steelyard')(text, naive_zone) }}
{%- endmacro %}

{% macro default__to_utc(text, naive_zone) -%}
    {%- set date_and_time = '[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?' -%}
    {%- set offset = '([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])' -%}
    (case
        when regexp_full_match({{ text }}, '{{ date_and_time }}{{ offset }}')
            then timezone('UTC', try_cast(upper({{ text }}) as timestamptz))
        {% if naive_zone is not none -%}
        when regexp_full_match({{ text }}, '{{ date_and_time }}')
            then timezone('UTC', timezone('{{ naive_zone }}', try_cast(upper({{ text }}) as timestamp)))
        {% endif -%}
    end)
{%- endmacro %}

{# offsets end at 15:59 here; no zone on earth lies beyond 14:00 -#}
{% macro postgres__to_utc(text, naive_zone) -%}
    {%- set date_and_time = '[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?' -%}
    {%- set offset = '([Zz]|[+-](0[0-9]|1[0-5]):[0-5][0-9])' -%}
    (case
        when {{ text }} ~ '^{{ date_and_time }}{{ offset }}$'
            and steelyard_instant(left(upper({{ text }}), 19)) is not null
            then timezone('UTC', cast(upper({{ text }}) as timestamptz))
        {% if naive_zone is not none -%}
        when {{ text }} ~ '^{{ date_and_time }}$'
            then timezone('UTC', timezone('{{ naive_zone }}', steelyard_instant(upper({{ text }}))))
        {% endif -%}
    end)
{%- endmacro %}

{% macro spark__to_utc(text, naive_zone) -%}
    {%- set date_and_time = '[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?' -%}
    {%- set offset = '([Zz]|[+-](0[0-9]|1[0-5]):[0-5][0-9])' -%}
    (case
        when regexp_like({{ text }}, '^{{ date_and_time }}{{ offset }}$')
            then cast(try_cast(upper({{ text }}) as timestamp_ltz) as timestamp)
        {% if naive_zone is not none -%}
        when regexp_like({{ text }}, '^{{ date_and_time }}$')
            then convert_timezone('{{ naive_zone }}', 'UTC', try_cast(upper({{ text }}) as timestamp))
        {% endif -%}
    end)
{%- endmacro %}
