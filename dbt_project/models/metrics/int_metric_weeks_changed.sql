{% set columns = ['product_id', 'metric_id', 'task_id', 'week_start_date', 'person_id', 'duration_us', 'is_open'] %}
{% set tasks_changed = ref('int_match_values_changed') %}
-- weeks of a metric that an increment's items left or entered
with

duration_items as (
    select {{ columns | join(', ') }}
    from {{ ref('int_duration_items') }}
    {%- if is_increment() %}
    where (product_id, match_value) in (select product_id, match_value from {{ tasks_changed }})
    {%- else %}
    where false
    {%- endif %}
),

-- what a task belongs to may have changed, and the task stayed what it was
duration_changes as (
    (
        select {{ columns | join(', ') }} from duration_items
        except
        select {{ columns | join(', ') }} from {{ ref('int_duration_items_left') }}
    )
    union all
    (
        select {{ columns | join(', ') }} from {{ ref('int_duration_items_left') }}
        except
        select {{ columns | join(', ') }} from duration_items
    )
)

select distinct product_id, metric_id, week_start_date
from duration_changes
