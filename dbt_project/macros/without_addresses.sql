{# an e-mail address in a name that an operator must see, such as an unknown event type, names a person -#}
{% macro without_addresses(text) -%}
    {{ adapter.dispatch('without_addresses', 'steelyard')(text) }}
{%- endmacro %}

{% macro default__without_addresses(text) -%}
    regexp_replace(
        {{ text }},
        '[(][^[:space:]/;,:<>"()]+@[^[:space:]/;,<>"()]+[)]'
        || '|[^[:space:]/;,:<>"(][^[:space:]/;,:<>"]*@[^[:space:]/;,<>")]+',
        '(address)', 'g'
    )
{%- endmacro %}

{% macro spark__without_addresses(text) -%}
    regexp_replace(
        {{ text }},
        '[(][^ \t\n\r\f\u000b/;,:<>"()]+@[^ \t\n\r\f\u000b/;,<>"()]+[)]'
        || '|[^ \t\n\r\f\u000b/;,:<>"(][^ \t\n\r\f\u000b/;,:<>"]*@[^ \t\n\r\f\u000b/;,<>")]+',
        '(address)'
    )
{%- endmacro %}
