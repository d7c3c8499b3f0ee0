-- unions of overlapping or touching incident intervals, one row each, of two kinds:
-- 'outage' leaves planned maintenance out; 'stop' holds both, the time that is not operating time
with

incidents as (
    select
        product_id,
        task_id,
        started_at,
        -- an open incident reaches to the end of time here, so that it swallows what follows
        coalesce(finished_at, timestamp '9999-12-31 00:00:00') as ended_at,
        coalesce(lower({{ json_text('start_data', "'maintenance'") }}), 'false') in ('true', '1') as is_maintenance
    from {{ ref('int_tasks') }}
    where
        task_type_id = 'incident'
        -- a withdrawn incident was none
        and state <> 'cancelled'
),

intervals as (
    select product_id, 'outage' as interruption_kind, task_id, started_at, ended_at
    from incidents
    where not is_maintenance
    union all
    select product_id, 'stop' as interruption_kind, task_id, started_at, ended_at
    from incidents
),

compared as (
    select
        *,
        max(ended_at) over (
            partition by product_id, interruption_kind
            order by started_at, ended_at, task_id
            rows between unbounded preceding and 1 preceding
        ) as latest_end_before
    from intervals
),

grouped as (
    select
        *,
        sum(case when latest_end_before is null or started_at > latest_end_before then 1 else 0 end) over (
            partition by product_id, interruption_kind
            order by started_at, ended_at, task_id
            rows between unbounded preceding and current row
        ) as interruption_number
    from compared
),

ordered as (
    select
        *,
        row_number() over (
            partition by product_id, interruption_kind, interruption_number
            order by started_at, ended_at, task_id
        ) as place_number
    from grouped
)

select
    product_id,
    interruption_kind,
    cast(interruption_number as bigint) as interruption_number,
    min(started_at) as started_at,
    nullif(max(ended_at), timestamp '9999-12-31 00:00:00') as ended_at,
    count(*) as incident_count,
    max(task_id) filter (where place_number = 1) as first_task_id
from ordered
group by product_id, interruption_kind, interruption_number
