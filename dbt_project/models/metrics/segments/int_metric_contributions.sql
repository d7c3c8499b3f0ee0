-- what each person added to a metric in a week: by segment where the registry divides it, and for
-- metrics about people over the whole product; the only tables with people in them are not served
with

divisions as (
    select segmented.product_id, segmented.metric_id, segments.segment_type, segments.property
    from {{ source('registry', 'segmented_metrics') }} as segmented
    inner join {{ source('registry', 'segments') }} as segments on segmented.segment_type = segments.segment_type
    union all
    select product_metrics.product_id, product_metrics.metric_id, 'all' as segment_type, cast(null as varchar) as property
    from {{ ref('int_product_metrics') }} as product_metrics
    inner join {{ source('registry', 'metrics') }} as metrics
        on product_metrics.metric_id = metrics.metric_id and metrics.subject_kind = 'person'
),

-- kept, so that it is known to be small, or empty, before any item is read
wanted_sides as materialized (
    select
        divisions.product_id, divisions.metric_id, divisions.segment_type, divisions.property,
        sides.side, sides.aggregate, sides.item_kind, sides.measure_id
    from {{ ref('int_metric_sides') }} as sides
    inner join divisions
        on sides.product_id = divisions.product_id and sides.metric_id = divisions.metric_id
    -- a thing that several people touched has no one of them to count it under
    where sides.aggregate not in ('distinct_subjects', 'distinct_actors')
),

-- items and tasks are looked up in what is wanted, not the other way round: the side that a join builds in
-- memory then has no data, and nothing is read for metrics that need none of them
wanted_values as (
    select
        sides.product_id, sides.metric_id, sides.segment_type, sides.property,
        sides.side, sides.aggregate, sides.item_kind,
        measure_values.item_id, measure_values.week_start_date, measure_values.person_id, measure_values.amount
    from {{ ref('int_measure_values') }} as measure_values
    inner join wanted_sides as sides
        on measure_values.product_id = sides.product_id and measure_values.measure_id = sides.measure_id
),

measure_items as (
    select
        wanted.product_id, wanted.metric_id, wanted.segment_type, wanted.property,
        wanted.side, wanted.aggregate, items.segment_id, items.data,
        wanted.week_start_date, wanted.person_id, wanted.amount
    from {{ ref('int_items') }} as items
    inner join wanted_values as wanted
        on items.item_kind = wanted.item_kind and items.item_id = wanted.item_id
),

wanted_durations as (
    select
        divisions.product_id, divisions.metric_id, divisions.segment_type, divisions.property,
        items.task_id, items.week_start_date, items.person_id, items.restricted
    from {{ ref('int_duration_items') }} as items
    inner join divisions
        on items.product_id = divisions.product_id and items.metric_id = divisions.metric_id
),

duration_items as (
    select
        wanted.product_id, wanted.metric_id, wanted.segment_type, wanted.property,
        tasks.segment_id, tasks.start_data as data,
        wanted.week_start_date, wanted.person_id, wanted.restricted
    from {{ ref('int_tasks') }} as tasks
    inner join wanted_durations as wanted on tasks.task_id = wanted.task_id
),

rows_of_all as (
    select
        product_id, metric_id, segment_type, property, side, aggregate, segment_id, data, week_start_date, person_id, amount
    from measure_items
    union all
    select
        product_id, metric_id, segment_type, property, 'numerator' as side, 'sum' as aggregate,
        segment_id, data, week_start_date, person_id, restricted as amount
    from duration_items
    union all
    select
        product_id, metric_id, segment_type, property, 'denominator' as side, 'count' as aggregate,
        segment_id, data, week_start_date, person_id, 1.0 as amount
    from duration_items
),

placed as (
    select
        product_id, metric_id, segment_type, side, aggregate, week_start_date, person_id, amount,
        case
            when segment_type = 'all' then 'all'
            -- the segment as of the event, never the one of today
            when property is null then coalesce(nullif(segment_id, ''), {{ json_text('data', "'segment_id'") }})
            else {{ json_text('data', 'property') }}
        end as event_segment
    from rows_of_all
),

named as (
    select
        product_id, metric_id, segment_type, side, aggregate, week_start_date, person_id, amount,
        case
            -- the pool's own name
            when segment_type <> 'all' and event_segment in ('all', 'other') then event_segment || ' (so named)'
            else coalesce(nullif(event_segment, ''), 'unknown')
        end as segment_value
    from placed
)

select
    product_id,
    metric_id,
    segment_type,
    segment_value,
    week_start_date,
    side,
    aggregate,
    person_id,
    case aggregate when 'distinct_people' then 1.0 else {{ ordered('sum', 'amount') }} end as amount,
    {{ ordered('sum', 'amount * amount') }} as sum_squares,
    count(*) as item_count
from named
group by product_id, metric_id, segment_type, segment_value, week_start_date, side, aggregate, person_id
