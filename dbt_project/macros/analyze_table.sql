{# a fresh table without statistics is joined by loops; only engines that plan by them need this -#}
{% macro analyze_table(relation) -%}
    {{ adapter.dispatch('analyze_table', 'steelyard')(relation) }}
{%- endmacro %}

{% macro default__analyze_table(relation) -%}{%- endmacro %}

{% macro postgres__analyze_table(relation) -%}
    {%- if model.config.materialized not in ('view', 'ephemeral') -%} analyze {{ relation }} {%- endif -%}
{%- endmacro %}
