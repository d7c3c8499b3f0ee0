{% macro json_elements(document, property) -%}
    {{ adapter.dispatch('json_elements', 'steelyard')(document, property) }}
{%- endmacro %}

{% macro default__json_elements(document, property) -%}
    unnest(json_extract({{ document }}, '$.{{ property }}[*]'))
{%- endmacro %}
