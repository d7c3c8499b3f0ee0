{% macro parts_of(list_text) -%}
    {{ adapter.dispatch('parts_of', 'steelyard')(list_text) }}
{%- endmacro %}

{% macro default__parts_of(list_text) -%}
    trim(unnest(string_split({{ list_text }}, ';')))
{%- endmacro %}

{% macro postgres__parts_of(list_text) -%}
    trim(unnest(string_to_array({{ list_text }}, ';')))
{%- endmacro %}

{% macro spark__parts_of(list_text) -%}
    explode(transform(split({{ list_text }}, ';'), part -> trim(part)))
{%- endmacro %}
