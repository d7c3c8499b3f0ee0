{# the text that stands for an attribute in what is left of a line of JSON; NULL where it is cut off -#}
{% macro quoted_after(line_text, attribute) -%}
    {%- set rest = "split_part(replace(" ~ line_text ~ ", '\": \"', '\":\"'), '\"" ~ attribute ~ "\":\"', 2)" -%}
    case when {{ rest }} like '%"%' then nullif(split_part({{ rest }}, '"', 1), '') end
{%- endmacro %}
