-- one row per product, metric and side: the measure behind it and how long a week must wait for it
with

asked as (
    select measure_id, dimension from {{ source('registry', 'measure_filters') }}
    union
    select measure_id, quantity as dimension from {{ source('registry', 'measures') }}
),

filters as (
    select
        measure_id,
        bool_or(dimension in ('is_failed', 'failure_route', 'is_deployed', 'first_deployed_at')) as has_outcome,
        bool_or(dimension in (
            'state', 'duration_hours', 'working_hours', 'paused_hours', 'reopen_count', 'is_by_deadline'
        )) as has_end
    from asked
    group by measure_id
),

-- the end of a task may come until the longest tau of its type, and move until its reopen window is over
task_types as (
    select
        task_types.task_type_id,
        coalesce(horizons.horizon_hours, 0) as tau_hours,
        case
            when task_types.reopen_event_type is null then 0 else coalesce(task_types.reopen_window_days, 0) * 24
        end as reopen_hours
    from {{ source('registry', 'task_types') }} as task_types
    inner join {{ ref('int_task_horizons') }} as horizons on task_types.task_type_id = horizons.task_type_id
),

settings as (
    select
        24 * cast(
            coalesce(max(value) filter (where setting = 'rollback_window_days'), '7') as {{ double_type() }}
        ) as rollback_hours
    from {{ source('registry', 'settings') }}
),

measures as (
    select
        measures.measure_id,
        measures.item_kind,
        measures.item_type,
        measures.aggregate,
        measures.followed_by_event_type,
        greatest(
            case
                when measures.aggregate = 'open_at_period_end' then 0
                when measures.anchor <> 'deadline' and measures.deadline_hours is not null then measures.deadline_hours
                when measures.anchor <> 'deadline' and filters.has_end then coalesce(task_types.tau_hours, 0)
                else 0
            end
            + case
                when measures.item_kind = 'task' and filters.has_end and measures.aggregate <> 'open_at_period_end'
                    then coalesce(task_types.reopen_hours, 0)
                else 0
            end,
            case when measures.aggregate = 'open_at_period_end' then 0 else coalesce(measures.followed_within_hours, 0) end,
            case
                when measures.item_kind = 'release' then settings.rollback_hours
                -- one that began on Sunday evening may go on
                when measures.item_kind = 'session' then 24
                when measures.item_kind in ('deployment', 'change') and filters.has_outcome then settings.rollback_hours
                else 0
            end
        ) as look_ahead_hours
    from {{ source('registry', 'measures') }} as measures
    cross join settings
    left join filters on measures.measure_id = filters.measure_id
    left join task_types on measures.item_kind = 'task' and measures.item_type = task_types.task_type_id
),

sides as (
    select metric_id, kind, 'numerator' as side, numerator_measure_id as measure_id
    from {{ source('registry', 'metrics') }}
    where numerator_measure_id is not null
    union all
    select metric_id, kind, 'denominator' as side, denominator_measure_id as measure_id
    from {{ source('registry', 'metrics') }}
    where denominator_measure_id is not null
)

select
    product_metrics.product_id,
    product_metrics.metric_id,
    sides.kind,
    sides.side,
    sides.measure_id,
    measures.item_kind,
    measures.item_type,
    measures.aggregate,
    measures.followed_by_event_type,
    measures.look_ahead_hours
from {{ ref('int_product_metrics') }} as product_metrics
inner join sides on product_metrics.metric_id = sides.metric_id
inner join measures on sides.measure_id = measures.measure_id
where sides.kind in ('proportion', 'count_rate', 'ratio_of_sums', 'stock', 'quantile')
