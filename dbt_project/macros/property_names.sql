{% macro property_names(document) -%}
    {{ adapter.dispatch('property_names', 'steelyard')(document) }}
{%- endmacro %}

{% macro default__property_names(document) -%}
    cast(to_json(list_sort(json_keys({{ document }}))) as varchar)
{%- endmacro %}

{% macro postgres__property_names(document) -%}
    (
        select cast(to_json(array_agg(name order by name)) as varchar)
        from json_object_keys(cast({{ document }} as json)) as names (name)
    )
{%- endmacro %}

{% macro spark__property_names(document) -%}
    to_json(array_sort(json_object_keys({{ document }})))
{%- endmacro %}
