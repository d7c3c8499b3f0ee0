{% macro property_names(document) -%}
    {{ adapter.dispatch('property_names', 'steelyard')(document) }}
{%- endmacro %}

{% macro default__property_names(document) -%}
    cast(to_json(list_sort(json_keys({{ document }}))) as varchar)
{%- endmacro %}
