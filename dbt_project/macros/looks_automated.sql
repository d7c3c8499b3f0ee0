{% macro looks_automated(agent) -%}
    {{ adapter.dispatch('looks_automated', 'steelyard')(agent) }}
{%- endmacro %}

{% macro automation_pattern() -%}
    'bot|crawl|spider|headless|selenium|playwright|puppeteer|webdriver|curl|wget|python-requests'
        || '|httpclient|postman|jmeter|k6/|synthetic|monitor'
{%- endmacro %}

{% macro default__looks_automated(agent) -%}
    regexp_matches({{ agent }}, {{ automation_pattern() }})
{%- endmacro %}

{% macro postgres__looks_automated(agent) -%}
    ({{ agent }} ~ ({{ automation_pattern() }}))
{%- endmacro %}

{% macro spark__looks_automated(agent) -%}
    regexp_like({{ agent }}, {{ automation_pattern() }})
{%- endmacro %}
