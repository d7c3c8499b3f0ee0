{# the same figures as `orchestration.pages.figures.humanise`: a test compares the two -#}
{% macro humanise(number, unit) -%}
    case
        when {{ unit }} in ('%', 'share') and abs({{ number }}) >= 0.0995
            then {{ plain_number('100.0 * ' ~ number, 0) }} || ' %'
        when {{ unit }} in ('%', 'share') then {{ plain_number('100.0 * ' ~ number, 1) }} || ' %'
        when {{ unit }} = 'hours' then {{ humanise_hours(number) }}
        when {{ unit }} = 'minutes' then {{ humanise_hours('(' ~ number ~ ' / 60.0)') }}
        when {{ unit }} = 'days' then {{ humanise_hours('(' ~ number ~ ' * 24.0)') }}
        when {{ unit }} = 'seconds' then {{ humanise_hours('(' ~ number ~ ' / 3600.0)') }}
        when abs({{ number }}) >= 99.95 then {{ plain_number(number, 0) }} || {{ unit_word(unit, number) }}
        when abs({{ number }}) >= 9.995 then {{ plain_number(number, 1) }} || {{ unit_word(unit, number) }}
        when abs({{ number }}) >= 0.0995 then {{ plain_number(number, 2) }} || {{ unit_word(unit, number) }}
        else {{ plain_number(number, 3) }} || {{ unit_word(unit, number) }}
    end
{%- endmacro %}

{% macro unit_word(unit, number) -%}
    case
        when {{ unit }} in ('ratio', 'count', 'number', '1') then ''
        when floor(abs({{ number }}) * 100 + 0.5) = 100 then ' ' || {{ unit_of_one(unit) }}
        else ' ' || {{ unit }}
    end
{%- endmacro %}

{# the unit of exactly one: its first word in the singular -#}
{% macro unit_of_one(unit) -%}
    {%- set word = "split_part(" ~ unit ~ ", ' ', 1)" -%}
    {%- set rest = "substr(" ~ unit ~ ", length(" ~ word ~ ") + 1)" -%}
    case
        when {{ word }} = 'people' then 'person' || {{ rest }}
        when {{ word }} like '%ies' then substr({{ word }}, 1, length({{ word }}) - 3) || 'y' || {{ rest }}
        when {{ word }} like '%ches' then substr({{ word }}, 1, length({{ word }}) - 2) || {{ rest }}
        when {{ word }} like '%s' and {{ word }} not like '%ss' and length({{ word }}) > 3
            then substr({{ word }}, 1, length({{ word }}) - 1) || {{ rest }}
        else {{ unit }}
    end
{%- endmacro %}

{% macro humanise_hours(hours) -%}
    case
        when abs({{ hours }}) between 23.95 and 25.19 then '1 day'
        when abs({{ hours }}) >= 23.95 then {{ plain_number(hours ~ ' / 24.0', 1) }} || ' days'
        when abs({{ hours }}) >= 0.995 then {{ plain_number(hours, 1) }} || ' h'
        when abs({{ hours }}) >= 0.0166 then {{ plain_number('60.0 * ' ~ hours, 1) }} || ' min'
        else {{ plain_number('3600.0 * ' ~ hours, 1) }} || ' s'
    end
{%- endmacro %}
