{% set changed = ref('int_match_values_changed') %}
-- weeks of start and of finish that tasks of an increment's things left or entered
select product_id, task_type_id, start_source_id, week_start_date, finish_source_id, finish_week_start_date
from {{ ref('int_task_weeks_left') }}
union
select
    product_id,
    task_type_id,
    start_source_id,
    week_start_date,
    finish_source_id,
    finish_week_start_date
from {{ ref('int_tasks') }}
{% if is_increment() -%}
where (product_id, match_value) in (select product_id, match_value from {{ changed }})
{%- else -%}
where false
{%- endif %}
