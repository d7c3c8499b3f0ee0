-- where the tracking plan and what arrives differ: planned and not seen, or seen and not planned
with

observed_until as (
    select source_id, product_id, observed_until_at
    from {{ ref('int_source_watermarks') }}
),

planned as (
    select source_id, event_type, trigger
    from {{ source('registry', 'tracking_plan') }}
    where role <> 'ignored'
),

seen as (
    select
        source_id,
        event_type,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at
    from {{ ref('int_source_event_weeks') }}
    where not is_unplanned
    group by source_id, event_type
),

unplanned as (
    select
        source_id,
        {{ without_addresses('event_type') }} as event_type,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at
    from {{ ref('int_source_event_weeks') }}
    where is_unplanned
    group by source_id, {{ without_addresses('event_type') }}
),

needed as (
    select source_id, event_type, string_agg(distinct metric_id, ';' order by metric_id) as metric_ids
    from {{ ref('int_metric_lineage') }}
    group by source_id, event_type
),

gaps as (
    select
        planned.source_id,
        planned.event_type,
        planned.trigger,
        observed_until.product_id,
        case when seen.source_id is null then 'never_seen' else 'not_seen_lately' end as gap,
        seen.first_occurred_at,
        seen.last_occurred_at
    from planned
    inner join observed_until on planned.source_id = observed_until.source_id
    left join seen on planned.source_id = seen.source_id and planned.event_type = seen.event_type
    where
        seen.source_id is null
        or seen.last_occurred_at < {{ plus_hours('observed_until.observed_until_at', -28 * 24) }}
    union all
    select
        unplanned.source_id,
        unplanned.event_type,
        cast(null as varchar) as trigger,
        observed_until.product_id,
        'unplanned' as gap,
        unplanned.first_occurred_at,
        unplanned.last_occurred_at
    from unplanned
    inner join observed_until on unplanned.source_id = observed_until.source_id
)

select
    gaps.source_id,
    gaps.event_type,
    gaps.product_id,
    gaps.gap,
    gaps.trigger as planned_trigger,
    cast({{ week_start('gaps.first_occurred_at') }} as date) as first_week_start_date,
    cast({{ week_start('gaps.last_occurred_at') }} as date) as last_week_start_date,
    needed.metric_ids
from gaps
left join needed on gaps.source_id = needed.source_id and gaps.event_type = needed.event_type
