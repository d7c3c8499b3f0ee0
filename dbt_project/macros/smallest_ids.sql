{% macro smallest_ids(id, condition) -%}
    {{ adapter.dispatch('smallest_ids', 'steelyard')(id, condition) }}
{%- endmacro %}

{% macro default__smallest_ids(id, condition) -%}
    cast(to_json(min({{ id }}, 10) filter (where {{ condition }})) as varchar)
{%- endmacro %}

{% macro postgres__smallest_ids(id, condition) -%}
    cast(to_json((array_agg({{ id }} order by {{ id }}) filter (where {{ condition }}))[1:10]) as varchar)
{%- endmacro %}

{% macro spark__smallest_ids(id, condition) -%}
    nullif(to_json(slice(array_sort(collect_list({{ id }}) filter (where {{ condition }})), 1, 10)), '[]')
{%- endmacro %}
