-- one row per task of a duration metric; `restricted` is min(T, tau) in the metric's unit
with

metrics as (
    select
        metric_id,
        task_type_id,
        tau_hours,
        case unit
            when 'seconds' then 3600.0 when 'minutes' then 60.0 when 'days' then 1.0 / 24 else 1.0
        end as units_per_hour
    from {{ source('registry', 'metrics') }}
    where kind = 'duration'
),

tasks as (
    select
        product_id,
        task_type_id,
        task_id,
        week_start_date,
        state,
        actor_id,
        duration_us,
        duration_us / 3600000000.0 as duration_hours
    from {{ ref('int_tasks') }}
)

select
    product_metrics.product_id,
    metrics.metric_id,
    tasks.task_id,
    tasks.week_start_date,
    tasks.actor_id as person_id,
    tasks.duration_us,
    tasks.duration_hours,
    metrics.units_per_hour,
    -- an open item counts tau in a ripe week, and so does a cancelled one: it will never finish
    least(coalesce(tasks.duration_hours, metrics.tau_hours), metrics.tau_hours) * metrics.units_per_hour as restricted,
    tasks.state = 'open' as is_open
from {{ ref('int_product_metrics') }} as product_metrics
inner join metrics on product_metrics.metric_id = metrics.metric_id
inner join tasks
    on product_metrics.product_id = tasks.product_id and metrics.task_type_id = tasks.task_type_id
