{% macro json_elements(document, property) -%}
    {{ adapter.dispatch('json_elements', 'steelyard')(document, property) }}
{%- endmacro %}

{% macro default__json_elements(document, property) -%}
    unnest(json_extract({{ document }}, '$.{{ property }}[*]'))
{%- endmacro %}

{% macro postgres__json_elements(document, property) -%}
    json_array_elements(cast({{ document }} as json) -> '{{ property }}')
{%- endmacro %}

{% macro spark__json_elements(document, property) -%}
    explode(from_json(get_json_object({{ document }}, '$.{{ property }}'), 'array<string>'))
{%- endmacro %}
