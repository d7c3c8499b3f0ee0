-- one row per product, metric, segment and period as it is served: hidden segments as a row without
-- figures, and what they add up to as `other`
with

metrics as (
    select
        metrics.metric_id, metrics.kind, metrics.unit, metrics.metric_version, metrics.minimum_n,
        measures.aggregate = 'count' as is_count
    from {{ source('registry', 'metrics') }} as metrics
    left join {{ source('registry', 'measures') }} as measures on metrics.numerator_measure_id = measures.measure_id
),

cells as (
    select
        prefixes.product_id, prefixes.metric_id, prefixes.segment_type, prefixes.segment_value,
        prefixes.period_grain, prefixes.period_start_date, cells.numerator, cells.denominator,
        cells.sum_squares, cells.numerator_item_count, cells.denominator_item_count, cells.person_count,
        cells.has_denominator, suppressed.reason
    from {{ ref('int_segment_prefixes') }} as prefixes
    inner join {{ ref('int_cells') }} as cells
        on
            prefixes.product_id = cells.product_id
            and prefixes.metric_id = cells.metric_id
            and prefixes.segment_type = cells.segment_type
            and prefixes.segment_value = cells.segment_value
            and prefixes.period_grain = cells.period_grain
            and prefixes.period_start_date = cells.period_start_date
    left join {{ ref('int_suppressed_cells') }} as suppressed
        on
            prefixes.product_id = suppressed.product_id
            and prefixes.metric_id = suppressed.metric_id
            and prefixes.period_start_date = suppressed.period_start_date
            and prefixes.hide_rank = suppressed.hide_rank
    union all
    select
        prefixes.product_id, prefixes.metric_id, prefixes.segment_type, 'other' as segment_value,
        prefixes.period_grain, prefixes.period_start_date, prefixes.numerator, prefixes.denominator,
        prefixes.sum_squares, prefixes.numerator_item_count, prefixes.denominator_item_count, prefixes.person_count,
        prefixes.has_denominator, null as reason
    from {{ ref('int_segment_prefixes') }} as prefixes
    inner join {{ ref('int_suppressed_cells') }} as suppressed
        on
            prefixes.product_id = suppressed.product_id
            and prefixes.metric_id = suppressed.metric_id
            and prefixes.period_start_date = suppressed.period_start_date
            and prefixes.hide_rank = suppressed.hide_rank
            and suppressed.is_pool_end
),

-- a rate per period has the time of the whole product below it
wholes as (
    select product_id, metric_id, period_grain, period_start_date, denominator, as_of_at
    from {{ ref('int_metric_periods') }}
    where segment_type = 'all'
),

parted as (
    select
        cells.product_id, cells.metric_id, cells.segment_type, cells.segment_value, cells.period_grain,
        cells.period_start_date, cells.sum_squares, cells.person_count, cells.reason,
        metrics.kind, metrics.unit, metrics.metric_version, metrics.minimum_n, metrics.is_count, wholes.as_of_at,
        cells.numerator,
        case when cells.has_denominator then cells.denominator else wholes.denominator end as denominator,
        case
            when cells.has_denominator then cells.denominator_item_count else cells.numerator_item_count
        end as unit_count
    from cells
    inner join metrics on cells.metric_id = metrics.metric_id
    inner join wholes
        on
            cells.product_id = wholes.product_id
            and cells.metric_id = wholes.metric_id
            and cells.period_grain = wholes.period_grain
            and cells.period_start_date = wholes.period_start_date
)

select
    parted.product_id,
    parted.metric_id,
    parted.segment_type,
    parted.segment_value,
    parted.period_grain,
    parted.period_start_date,
    parted.kind,
    parted.is_count,
    parted.unit,
    parted.metric_version,
    parted.as_of_at,
    parted.reason as suppressed_reason,
    parted.reason is not null as is_suppressed,
    {{ too_few('parted.unit_count', 'parted.minimum_n') }} as is_too_few,
    case
        when parted.reason is null and not {{ too_few('parted.unit_count', 'parted.minimum_n') }}
            then {{ ratio('parted.numerator', 'parted.denominator') }}
    end as value,
    case when parted.reason is null then parted.numerator end as numerator,
    case when parted.reason is null then parted.denominator end as denominator,
    case when parted.reason is null then parted.sum_squares end as sum_squares,
    case when parted.reason is null then parted.unit_count end as unit_count,
    case when parted.reason is null then parted.person_count end as person_count
from parted
