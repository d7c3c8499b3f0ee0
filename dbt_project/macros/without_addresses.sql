{# an e-mail address in a name that an operator must see, such as an unknown event type, names a person -#}
{% macro without_addresses(text) -%}
    regexp_replace({{ text }}, '[^[:space:]/;,:<>"]+@[^[:space:]/;,<>"]+', '(address)', 'g')
{%- endmacro %}
