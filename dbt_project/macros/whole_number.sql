{% macro whole_number(number_text) -%}
    {{ adapter.dispatch('whole_number', 'steelyard')(number_text) }}
{%- endmacro %}

{% macro default__whole_number(number_text) -%}
    try_cast({{ number_text }} as bigint)
{%- endmacro %}

{% macro postgres__whole_number(number_text) -%}
    cast(round(steelyard_number(cast({{ number_text }} as text))) as bigint)
{%- endmacro %}

{% macro spark__whole_number(number_text) -%}
    cast(round({{ spark_number(number_text) }}) as bigint)
{%- endmacro %}
