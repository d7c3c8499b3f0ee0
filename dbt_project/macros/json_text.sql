{% macro json_text(document, property) -%}
    {{ adapter.dispatch('json_text', 'steelyard')(document, property) }}
{%- endmacro %}

{% macro default__json_text(document, property) -%}
    json_extract_string({{ document }}, {{ property }})
{%- endmacro %}
