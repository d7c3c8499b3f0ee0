{# one row for each of the ids that `smallest_ids` lists -#}
{% macro listed_ids(list) -%}
    {{ adapter.dispatch('listed_ids', 'steelyard')(list) }}
{%- endmacro %}

{% macro default__listed_ids(list) -%}
    unnest(from_json({{ list }}, '["varchar"]'))
{%- endmacro %}

{% macro postgres__listed_ids(list) -%}
    json_array_elements_text(cast({{ list }} as json))
{%- endmacro %}

{% macro spark__listed_ids(list) -%}
    explode(from_json({{ list }}, 'array<string>'))
{%- endmacro %}
