-- Sources and weeks of which an increment has to count the finishes again: what it changed, finishes
-- whose start it may have changed, and all of a product's type of task whose first start is another one
-- now. That one, or the one before it, is then among what changed.
with

begun as (
    select product_id, task_type_id, min(first_started_at) as first_started_at
    from {{ ref('int_task_types_begun') }}
    group by product_id, task_type_id
),

begun_otherwise as (
    select distinct changed.product_id, task_types.task_type_id
    from {{ ref('int_events_changed') }} as changed
    inner join {{ source('registry', 'task_types') }} as task_types
        on changed.event_type = task_types.start_event_type
    left join begun
        on changed.product_id = begun.product_id and task_types.task_type_id = begun.task_type_id
    where begun.first_started_at is null or changed.occurred_at <= begun.first_started_at
)

select source_id, week_start_date
from {{ ref('int_source_weeks_changed') }}
union
select finishes.source_id, finishes.week_start_date
from {{ ref('int_instrument_finishes_paired') }} as finishes
inner join {{ ref('int_match_values_changed') }} as changed
    on finishes.product_id = changed.product_id and finishes.match_value = changed.match_value
union
select finishes.source_id, finishes.week_start_date
from {{ ref('int_instrument_finishes_paired') }} as finishes
inner join begun_otherwise
    on
        finishes.product_id = begun_otherwise.product_id
        and finishes.task_type_id = begun_otherwise.task_type_id
