-- whether the subject of an event had an open task of a type when it occurred, for filters that ask
with

asked as (
    select distinct
        measures.item_kind, measures.item_type, filters.dimension, substr(filters.dimension, 6) as task_type_id
    from {{ source('registry', 'measures') }} as measures
    inner join {{ source('registry', 'measure_filters') }} as filters on measures.measure_id = filters.measure_id
    where measures.item_kind = 'event' and filters.dimension like 'open:%'
),

tasks as (
    select product_id, task_type_id, subject_id, started_at, coalesce(finished_at, cancelled_at) as ended_at
    from {{ ref('int_tasks') }}
    where task_type_id in (select task_type_id from asked)
),

-- half open like every interval: what ends at an instant is over at it
states as (
    select
        items.item_kind,
        items.item_id,
        asked.dimension,
        bool_or(tasks.started_at is not null) as is_open
    from {{ ref('int_items') }} as items
    inner join asked on items.item_kind = asked.item_kind and items.item_type = asked.item_type
    left join tasks
        on
            items.product_id = tasks.product_id
            and asked.task_type_id = tasks.task_type_id
            and items.subject_id = tasks.subject_id
            and tasks.started_at <= items.occurred_at
            and (tasks.ended_at is null or tasks.ended_at > items.occurred_at)
    where items.subject_id is not null
    group by items.item_kind, items.item_id, asked.dimension
)

select item_kind, item_id, dimension, case when is_open then 'true' else 'false' end as value_text
from states
