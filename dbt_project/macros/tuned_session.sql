{# before each model: how this engine should plan for whole tables instead of single rows -#}
{% macro tuned_session() -%}
    {{ adapter.dispatch('tuned_session', 'steelyard')() }}
{%- endmacro %}

{% macro default__tuned_session() -%}{%- endmacro %}

{# joins over expressions are estimated at one row, and then looped over for minutes -#}
{% macro postgres__tuned_session() -%}
    set enable_nestloop = off; set jit = off
{%- endmacro %}
