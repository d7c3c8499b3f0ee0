{% macro plain_number(number, digits) -%}
    {{ adapter.dispatch('plain_number', 'steelyard')(number, digits) }}
{%- endmacro %}

{% macro default__plain_number(number, digits) -%}
    regexp_replace(cast(round({{ number }}, {{ digits }}) as varchar), '\.0+$', '')
{%- endmacro %}

{# a double's text has an exponent here from ten million on and below a thousandth, and rounding goes by that
   text: 2.675 would be 2.68 -#}
{% macro spark__plain_number(number, digits) -%}
    {%- set scale = '1e' ~ digits -%}
    {%- set rounded = 'sign(' ~ number ~ ') * floor(abs(' ~ number ~ ') * ' ~ scale ~ ' + 0.5) / ' ~ scale -%}
    {%- set text = 'cast(cast(' ~ rounded ~ ' as decimal(38, ' ~ digits ~ ')) as string)' -%}
    {%- if digits == 0 -%} {{ text }} {%- else -%} regexp_replace({{ text }}, '[.]?0+$', '') {%- endif -%}
{%- endmacro %}
