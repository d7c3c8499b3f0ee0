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
        when abs({{ number }}) >= 99.95 then {{ plain_number(number, 0) }} || {{ unit_word(unit) }}
        when abs({{ number }}) >= 9.995 then {{ plain_number(number, 1) }} || {{ unit_word(unit) }}
        when abs({{ number }}) >= 0.0995 then {{ plain_number(number, 2) }} || {{ unit_word(unit) }}
        else {{ plain_number(number, 3) }} || {{ unit_word(unit) }}
    end
{%- endmacro %}

{% macro unit_word(unit) -%}
    case when {{ unit }} in ('ratio', 'count', 'number', '1') then '' else ' ' || {{ unit }} end
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
