-- which event types a product's metric is made of, by side
with

metrics as (
    select metric_id, kind, task_type_id
    from {{ source('registry', 'metrics') }}
),

product_metrics as (
    select product_metrics.product_id, metrics.metric_id, metrics.kind, metrics.task_type_id
    from {{ ref('int_product_metrics') }} as product_metrics
    inner join metrics on product_metrics.metric_id = metrics.metric_id
),

task_types as (
    select
        task_type_id, start_event_type, finish_event_type, cancel_event_type, reopen_event_type,
        pause_event_type, resume_event_type
    from {{ source('registry', 'task_types') }}
),

-- a reopening, a cancellation or a pause need not ever happen
task_events as (
    select task_type_id, 'start' as side, start_event_type as event_type, true as is_required from task_types
    union all
    select task_type_id, 'finish' as side, finish_event_type as event_type, true as is_required from task_types
    union all
    select task_type_id, 'finish' as side, cancel_event_type as event_type, false as is_required from task_types
    union all
    select task_type_id, 'finish' as side, reopen_event_type as event_type, false as is_required from task_types
    union all
    select task_type_id, 'finish' as side, pause_event_type as event_type, false as is_required from task_types
    union all
    select task_type_id, 'finish' as side, resume_event_type as event_type, false as is_required from task_types
),

fact_events as (
    select * from (values
        ('release', 'release.published', true),
        ('release', 'release.rolled_back', false),
        ('release', 'devops_activity.logged', false),
        ('release', 'coverage.measured', false),
        ('deployment', 'service.deployed', true),
        ('change', 'change.landed', true),
        ('change', 'tag.created', false),
        ('iteration_item', 'iteration.started', true),
        ('iteration_item', 'iteration.ended', true),
        ('iteration_item', 'workitem.committed', true),
        ('iteration_item', 'workitem.delivered', true),
        ('iteration_item', 'workitem.withdrawn', false),
        ('iteration_item', 'workitem.completed', false)
    ) as facts (item_kind, event_type, is_required)
),

known_event_types as (
    select event_type from {{ source('registry', 'tracking_plan') }}
    union
    select event_type from {{ ref('int_source_event_counts') }}
),

session_events as (
    select distinct measures.item_type as session_type, known_event_types.event_type
    from {{ source('registry', 'measures') }} as measures
    inner join known_event_types
        on ';' || replace(measures.item_type, ' ', '') || ';' like '%;' || known_event_types.event_type || ';%'
    where measures.item_kind = 'session'
),

wanted as (
    select
        product_metrics.product_id, product_metrics.metric_id, task_events.side,
        task_events.event_type, task_events.is_required
    from product_metrics
    inner join task_events
        on
            (product_metrics.kind = 'duration' and product_metrics.task_type_id = task_events.task_type_id)
            or (product_metrics.kind = 'reliability' and task_events.task_type_id = 'incident')
    union all
    select product_id, metric_id, side, item_type as event_type, true as is_required
    from {{ ref('int_metric_sides') }}
    where item_kind = 'event'
    union all
    select sides.product_id, sides.metric_id, sides.side, session_events.event_type, true as is_required
    from {{ ref('int_metric_sides') }} as sides
    inner join session_events on sides.item_kind = 'session' and sides.item_type = session_events.session_type
    union all
    select product_id, metric_id, side, followed_by_event_type as event_type, true as is_required
    from {{ ref('int_metric_sides') }}
    where followed_by_event_type is not null
    union all
    select sides.product_id, sides.metric_id, sides.side, task_events.event_type, task_events.is_required
    from {{ ref('int_metric_sides') }} as sides
    inner join task_events
        on
            task_events.task_type_id
            = case sides.item_kind when 'task' then sides.item_type when 'outage' then 'incident' end
    union all
    -- what an item's subject has open at the time
    select sides.product_id, sides.metric_id, sides.side, task_events.event_type, task_events.is_required
    from {{ ref('int_metric_sides') }} as sides
    inner join {{ source('registry', 'measure_filters') }} as filters
        on sides.measure_id = filters.measure_id and filters.dimension like 'open:%'
    inner join task_events on task_events.task_type_id = substr(filters.dimension, 6)
    union all
    select sides.product_id, sides.metric_id, sides.side, fact_events.event_type, fact_events.is_required
    from {{ ref('int_metric_sides') }} as sides
    inner join fact_events on sides.item_kind = fact_events.item_kind
    union all
    select product_id, metric_id, side, event_type, is_required
    from {{ ref('int_custom_event_types') }}
)

select product_id, metric_id, side, event_type, bool_or(is_required) as is_required
from wanted
where event_type is not null
group by product_id, metric_id, side, event_type
