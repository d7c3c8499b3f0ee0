{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- depends_on: {{ ref('int_duration_items_left') }}
-- one row per task of a duration metric; `restricted` is min(T, tau) in the metric's unit
with

metrics as (
    select
        metric_id,
        task_type_id,
        tau_hours,
        coalesce(clock = 'working', false) as is_working,
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
        match_value,
        week_start_date,
        state,
        actor_id,
        duration_us,
        working_us
    from {{ rows_in_scope(ref('int_task_facts'), changed, ['product_id', 'match_value']) }} as tasks
),

timed as (
    select
        product_metrics.product_id,
        metrics.metric_id,
        metrics.tau_hours,
        metrics.units_per_hour,
        tasks.task_id,
        tasks.match_value,
        tasks.week_start_date,
        tasks.state,
        tasks.actor_id,
        case when metrics.is_working then tasks.working_us else tasks.duration_us end as duration_us
    from {{ ref('int_product_metrics') }} as product_metrics
    inner join metrics on product_metrics.metric_id = metrics.metric_id
    inner join tasks
        on product_metrics.product_id = tasks.product_id and metrics.task_type_id = tasks.task_type_id
)

select
    product_id,
    metric_id,
    task_id,
    match_value,
    week_start_date,
    actor_id as person_id,
    duration_us,
    duration_us / 3600000000.0 as duration_hours,
    units_per_hour,
    -- an open item counts tau in a ripe week, and so does a cancelled one: it will never finish
    least(coalesce(duration_us / 3600000000.0, tau_hours), tau_hours) * units_per_hour as restricted,
    state = 'open' as is_open
from timed
