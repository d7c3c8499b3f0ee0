{% macro folder_of(path) -%}
substr({{ path }}, 1, length({{ path }}) - position('/' in reverse({{ path }})))
{%- endmacro %}
