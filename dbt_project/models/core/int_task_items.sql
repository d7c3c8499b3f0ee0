{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- attempts together with those that reopened them in time: from the first start to the last end
with

-- read three times: of an increment kept, of everything it would cost more
attempts_in_scope as {{ '' if is_incremental() else 'not ' }}materialized (
    select *
    from {{ rows_in_scope(ref('int_task_attempts'), changed, ['product_id', 'match_value']) }} as attempts
),

-- most things have one attempt, which nothing reopened: only the others are put in order
repeated as (
    select product_id, task_type_id, match_value
    from attempts_in_scope
    group by product_id, task_type_id, match_value
    having count(*) > 1
),

attempts as (
    select
        attempts.*,
        task_types.reopen_window_days,
        lag(attempts.ended_at) over (
            partition by attempts.product_id, attempts.task_type_id, attempts.match_value
            order by attempts.attempt_number
        ) as previous_ended_at
    from attempts_in_scope as attempts
    inner join {{ source('registry', 'task_types') }} as task_types
        on attempts.task_type_id = task_types.task_type_id
    where (attempts.product_id, attempts.task_type_id, attempts.match_value) in (
        select product_id, task_type_id, match_value from repeated
    )
),

linked as (
    select
        *,
        -- reopened exactly as the window ends still counts, as a roll-back at exactly x days does
        coalesce(
            is_reopening
            and {{ micros_between('previous_ended_at', 'started_at') }}
            <= cast(coalesce(reopen_window_days, 0) as bigint) * 86400000000,
            false
        ) as is_continuation
    from attempts
),

grouped as (
    select
        *,
        sum(case when is_continuation then 0 else 1 end) over (
            partition by product_id, task_type_id, match_value
            order by attempt_number
            rows between unbounded preceding and current row
        ) as item_number
    from linked
),

placed as (
    select
        *,
        row_number() over (
            partition by product_id, task_type_id, match_value, item_number order by attempt_number
        ) as place_number,
        count(*) over (partition by product_id, task_type_id, match_value, item_number) as attempt_count
    from grouped
)

-- the clock runs from the first start to the last end
select
    firsts.product_id,
    firsts.task_type_id,
    firsts.match_value,
    firsts.item_number,
    firsts.subject_id,
    firsts.start_source_id,
    firsts.start_event_id,
    lasts.finish_source_id,
    firsts.started_at,
    lasts.ended_at,
    coalesce(lasts.is_cancelled, false) as is_cancelled,
    firsts.attempt_count - 1 as reopen_count,
    firsts.week_start_date,
    firsts.actor_id,
    firsts.segment_id,
    firsts.environment,
    firsts.causation_id,
    firsts.start_data,
    lasts.finish_data
from placed as firsts
inner join placed as lasts
    on
        firsts.product_id = lasts.product_id
        and firsts.task_type_id = lasts.task_type_id
        and firsts.match_value = lasts.match_value
        and firsts.item_number = lasts.item_number
        and lasts.place_number = lasts.attempt_count
where firsts.place_number = 1
union all
select
    product_id, task_type_id, match_value, 1 as item_number, subject_id, start_source_id, start_event_id,
    finish_source_id, started_at, ended_at, coalesce(is_cancelled, false) as is_cancelled, 0 as reopen_count,
    week_start_date, actor_id, segment_id, environment, causation_id, start_data, finish_data
from attempts_in_scope as attempts
where
    attempts.product_id is not null
    and not exists (
        select 1
        from repeated
        where
            repeated.product_id = attempts.product_id
            and repeated.task_type_id = attempts.task_type_id
            and repeated.match_value = attempts.match_value
    )
