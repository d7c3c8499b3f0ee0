{% macro git_service_id(repository) -%}
    split_part({{ repository }}, '/', 2)
{%- endmacro %}
