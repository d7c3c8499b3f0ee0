{% macro json_text(document, property) -%}
    {{ adapter.dispatch('json_text', 'steelyard')(document, property) }}
{%- endmacro %}

{% macro default__json_text(document, property) -%}
    json_extract_string({{ document }}, {{ property }})
{%- endmacro %}

{# a path such as '$.subject.id' is known where the model is written; a column holds a plain name -#}
{% macro postgres__json_text(document, property) -%}
    {%- if property.startswith("'$.") -%}
    (cast({{ document }} as json) #>> '{ {{- property[3:-1].replace('.', ',') -}} }')
    {%- else -%}
    (cast({{ document }} as json) ->> {{ property }})
    {%- endif -%}
{%- endmacro %}

{% macro spark__json_text(document, property) -%}
    {%- if property.startswith("'$.") -%}
    get_json_object({{ document }}, {{ property }})
    {%- else -%}
    get_json_object({{ document }}, '$[''' || {{ property }} || ''']')
    {%- endif -%}
{%- endmacro %}
