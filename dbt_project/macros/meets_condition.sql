{% macro meets_condition(data, property, value) -%}
    case when {{ property }} is null then true else coalesce({{ json_text(data, property) }} = {{ value }}, false) end
{%- endmacro %}
