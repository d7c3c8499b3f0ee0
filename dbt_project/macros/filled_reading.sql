{# `coalesce`: one missing word must not blank the whole sentence -#}
{% macro filled_reading(template) -%}
    {%- set slots = {
        '{Lead}': 'lead_words', '{moved}': 'moved', '{before}': 'before_words', '{from}': 'from_words',
        '{after}': 'after_words', '{since}': 'since', '{breached}': 'breached',
        '{unresolved}': 'unresolved', '{held}': 'held', '{why}': 'why', '{trust}': 'trust', '{trusted}': 'trusted',
        '{unreadable}': 'unreadable'
    } -%}
    {%- set filled = namespace(expression=template) -%}
    {%- for slot, words in slots.items() -%}
        {%- set filled.expression =
            'replace(' ~ filled.expression ~ ", '" ~ slot ~ "', coalesce(" ~ words ~ ", ''))" -%}
    {%- endfor -%}
    {{ filled.expression }}
{%- endmacro %}
