-- how long after its end a week of a product's metric must be followed
select product_id, metric_id, max(look_ahead_hours) as look_ahead_hours, false as has_working_tau
from {{ ref('int_metric_sides') }}
group by product_id, metric_id
union all
-- look-ahead of a duration = tau in calendar time + reopen window; what a tau of working hours takes differs by week
select
    product_metrics.product_id,
    metrics.metric_id,
    case when metrics.clock = 'working' then 0 else metrics.tau_hours end + case
        when task_types.reopen_event_type is null then 0 else coalesce(task_types.reopen_window_days, 0) * 24
    end as look_ahead_hours,
    coalesce(metrics.clock = 'working', false) as has_working_tau
from {{ ref('int_product_metrics') }} as product_metrics
inner join {{ source('registry', 'metrics') }} as metrics
    on product_metrics.metric_id = metrics.metric_id and metrics.kind = 'duration'
inner join {{ source('registry', 'task_types') }} as task_types on metrics.task_type_id = task_types.task_type_id
union all
select product_metrics.product_id, metrics.metric_id, 0 as look_ahead_hours, false as has_working_tau
from {{ ref('int_product_metrics') }} as product_metrics
inner join {{ source('registry', 'metrics') }} as metrics
    on product_metrics.metric_id = metrics.metric_id and metrics.kind = 'reliability'
union all
select product_id, metric_id, look_ahead_hours, false as has_working_tau
from {{ ref('int_custom_metrics') }}
