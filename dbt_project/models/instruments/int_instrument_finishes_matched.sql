{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_finish_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_finish_weeks_changed') %}
-- grain: source, finish event type, week of the finish
with

begun as (
    select product_id, task_type_id, min(first_started_at) as first_started_at
    from {{ ref('int_task_types_begun') }}
    group by product_id, task_type_id
),

horizons as (
    select task_type_id, coalesce(horizon_hours, 720) as horizon_hours
    from {{ ref('int_task_horizons') }}
),

matched as (
    select
        finishes.source_id,
        finishes.event_type,
        finishes.week_start_date,
        finishes.event_id,
        finishes.has_start,
        finishes.is_negative
    from {{ ref('int_instrument_finishes_paired') }} as finishes
    inner join begun
        on finishes.product_id = begun.product_id and finishes.task_type_id = begun.task_type_id
    inner join horizons on finishes.task_type_id = horizons.task_type_id
    where
        -- earlier finishes may belong to starts from before the first event
        {{ micros_between('begun.first_started_at', 'finishes.occurred_at') }} >= horizons.horizon_hours * 3600e6
        {% if is_incremental() -%}
        and (finishes.source_id, finishes.week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    event_type,
    week_start_date,
    count(*) as finish_count,
    count(*) filter (where not has_start and not is_negative) as orphan_count,
    count(*) filter (where is_negative) as negative_count,
    {{ smallest_ids('event_id', 'not has_start and not is_negative') }} as orphan_ids,
    {{ smallest_ids('event_id', 'is_negative') }} as negative_ids
from matched
group by source_id, event_type, week_start_date
