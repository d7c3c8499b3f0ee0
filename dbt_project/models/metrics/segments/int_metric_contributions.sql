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

measure_items as (
    select
        divisions.product_id, divisions.metric_id, divisions.segment_type, divisions.property,
        sides.side, sides.aggregate, items.segment_id, items.data,
        measure_values.week_start_date, measure_values.person_id, measure_values.amount
    from divisions
    inner join {{ ref('int_metric_sides') }} as sides
        on divisions.product_id = sides.product_id and divisions.metric_id = sides.metric_id
    inner join {{ ref('int_measure_values') }} as measure_values
        on sides.product_id = measure_values.product_id and sides.measure_id = measure_values.measure_id
    inner join {{ ref('int_items') }} as items
        on sides.item_kind = items.item_kind and measure_values.item_id = items.item_id
    -- a thing that several people touched has no one of them to count it under
    where sides.aggregate not in ('distinct_subjects', 'distinct_actors')
),

duration_items as (
    select
        divisions.product_id, divisions.metric_id, divisions.segment_type, divisions.property,
        tasks.segment_id, tasks.start_data as data,
        items.week_start_date, items.person_id, items.restricted
    from divisions
    inner join {{ ref('int_duration_items') }} as items
        on divisions.product_id = items.product_id and divisions.metric_id = items.metric_id
    inner join {{ ref('int_tasks') }} as tasks on items.task_id = tasks.task_id
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
