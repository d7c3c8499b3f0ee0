{% macro json_document(properties) -%}
    {{ adapter.dispatch('json_document', 'steelyard')(properties) }}
{%- endmacro %}

{% macro default__json_document(properties) -%}
    cast(json_object(
        {%- for name, expression in properties.items() %}
        '{{ name }}', {{ expression }}{{ "," if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}

{% macro postgres__json_document(properties) -%}
    cast(json_build_object(
        {%- for name, expression in properties.items() %}
        '{{ name }}', {{ expression }}{{ "," if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}

{% macro spark__json_document(properties) -%}
    to_json(named_struct(
        {%- for name, expression in properties.items() %}
        '{{ name }}', {{ expression }}{{ "," if not loop.last }}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}
