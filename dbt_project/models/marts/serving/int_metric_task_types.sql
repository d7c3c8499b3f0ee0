-- the task types behind each metric, directly or through its measures
with

metrics as (
    select
        metric_id, companion_of_metric_id
    from {{ ref('dim_metrics') }}
),

registered as (
    select
        metric_id, task_type_id, numerator_measure_id, denominator_measure_id
    from {{ source('registry', 'metrics') }}
),

measures as (
    select
        measure_id,
        item_type as task_type_id
    from {{ source('registry', 'measures') }}
    where item_kind = 'task'
),

behind as (
    select metric_id, task_type_id
    from registered
    where task_type_id is not null
    union
    select registered.metric_id, measures.task_type_id
    from registered
    inner join measures
        on measures.measure_id in (registered.numerator_measure_id, registered.denominator_measure_id)
)

select distinct
    metrics.metric_id,
    behind.task_type_id
from metrics
inner join behind on behind.metric_id = coalesce(metrics.companion_of_metric_id, metrics.metric_id)
