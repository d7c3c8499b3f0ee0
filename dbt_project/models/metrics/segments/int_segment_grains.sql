-- the one grain in which a metric's segments are shown, decided once per metric version: two grains of
-- the same segments could be subtracted from each other. Append-only, and kept by a full rebuild
{{ config(materialized='incremental', incremental_strategy='append', schema='state', full_refresh=false) }}

with

metrics as (
    select metric_id, metric_version from {{ source('registry', 'metrics') }}
),

grains as (
    select * from (values
        ('week', 1), ('fortnight', 2), ('four_weeks', 4), ('thirteen_weeks', 13)
    ) as lengths (period_grain, week_count)
),

segments as (
    select
        cells.product_id,
        cells.metric_id,
        cells.segment_type,
        cells.segment_value,
        grains.week_count,
        count(*) filter (where cells.primary_reason is null) >= 0.8 * count(*) as can_be_shown,
        count(*) * grains.week_count as known_week_count
    from {{ ref('int_cells') }} as cells
    inner join grains on cells.period_grain = grains.period_grain
    where cells.is_ripe and cells.segment_type <> 'all'
    group by cells.product_id, cells.metric_id, cells.segment_type, cells.segment_value, grains.week_count
),

-- a segment that is too small at every grain is pooled, and does not make the others wait
finest as (
    select
        product_id, metric_id, segment_type, segment_value,
        min(week_count) filter (where can_be_shown) as week_count,
        max(known_week_count) as known_week_count
    from segments
    group by product_id, metric_id, segment_type, segment_value
),

decided as (
    select product_id, metric_id, segment_type, max(week_count) as week_count
    from finest
    group by product_id, metric_id, segment_type
    -- sixteen weeks must be known, as for limits
    having max(known_week_count) >= 16
)

select
    decided.product_id,
    decided.metric_id,
    metrics.metric_version,
    decided.segment_type,
    grains.period_grain,
    run_context.as_of_at
from decided
inner join metrics on decided.metric_id = metrics.metric_id
inner join grains on decided.week_count = grains.week_count
cross join {{ source('registry', 'run_context') }} as run_context
{% if is_incremental() %}
where not exists (
    select 1 from {{ this }} as known
    where
        decided.product_id = known.product_id
        and decided.metric_id = known.metric_id
        and metrics.metric_version = known.metric_version
        and decided.segment_type = known.segment_type
)
{% endif %}
