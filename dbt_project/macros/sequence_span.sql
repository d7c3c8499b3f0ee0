{# which stretch of a source's numbering a number lies in: neighbours lie in the same one, or in the next -#}
{% macro sequence_span(sequence) -%}
    cast(floor({{ whole_number(sequence) }} / 10000.0) as bigint)
{%- endmacro %}
