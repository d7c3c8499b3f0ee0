{% set task_columns = ['product_id', 'metric_id', 'task_id', 'week_start_date', 'person_id', 'duration_us', 'is_open'] %}
{% set item_columns = [
    'product_id', 'measure_id', 'item_id', 'week_start_date', 'subject_id', 'person_id', 'unit_key', 'amount', 'quantity',
    'sampled_rate',
] %}
{% set tasks_changed = ref('int_match_values_changed') %}
{% set items_changed, unsettled = ref('int_items_changed'), ref('int_measures_unsettled') %}
{% set run_plan = source('built', 'run_plan') %}
-- weeks of a metric that an increment's items left or entered; one that is replaced by the same changes nothing
with

tasks as (
    select {{ task_columns | join(', ') }}
    from {{ rows_in_scope(ref('int_duration_items'), tasks_changed, ['product_id', 'match_value']) }} as items
    {%- if not is_increment() %}
    where false
    {%- endif %}
),

items as (
    select {{ item_columns | join(', ') }}
    from {{ rows_in_scope_of_items(ref('int_measure_values'), items_changed, unsettled, run_plan) }} as items
    {%- if not is_increment() %}
    where false
    {%- endif %}
),

{% for name, columns, left in [
    ('task_changes', task_columns, ref('int_duration_items_left')),
    ('item_changes', item_columns, ref('int_measure_values_left')),
] -%}
{{ name }} as (
    (
        select {{ columns | join(', ') }} from {{ 'tasks' if loop.first else 'items' }}
        except
        select {{ columns | join(', ') }} from {{ left }}
    )
    union all
    (
        select {{ columns | join(', ') }} from {{ left }}
        except
        select {{ columns | join(', ') }} from {{ 'tasks' if loop.first else 'items' }}
    )
){{ "," if not loop.last }}

{% endfor -%}
select product_id, metric_id, week_start_date
from task_changes
union
select item_changes.product_id, sides.metric_id, item_changes.week_start_date
from item_changes
inner join {{ ref('int_metric_sides') }} as sides
    on item_changes.product_id = sides.product_id and item_changes.measure_id = sides.measure_id
