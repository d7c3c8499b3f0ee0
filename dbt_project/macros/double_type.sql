{% macro double_type() -%}
    {{ adapter.dispatch('double_type', 'steelyard')() }}
{%- endmacro %}

{% macro default__double_type() -%} double {%- endmacro %}

{% macro postgres__double_type() -%} double precision {%- endmacro %}
