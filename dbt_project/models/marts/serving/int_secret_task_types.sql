-- task types whose rows would be counted: rosters, and whatever begins or ends with the events of a
-- roster or of a hidden figure about people. A week alone is no hiding place: a task has two ends
with

-- what a share is taken of, as it stands at the end of a week, and all that is open of people
roster_metrics as (
    select metrics.metric_id
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ source('registry', 'measures') }} as measures
        on measures.aggregate = 'open_at_period_end'
        and (
            metrics.denominator_measure_id = measures.measure_id
            or (metrics.subject_kind = 'person' and metrics.numerator_measure_id = measures.measure_id)
        )
),

rosters as (
    select distinct measures.item_type as task_type_id
    from {{ source('registry', 'metrics') }} as metrics
    inner join roster_metrics on metrics.metric_id = roster_metrics.metric_id
    inner join {{ source('registry', 'measures') }} as measures
        on measures.measure_id in (metrics.numerator_measure_id, metrics.denominator_measure_id)
    where measures.item_kind = 'task'
),

task_events as (
    {% for end in ['start', 'finish', 'cancel', 'reopen'] -%}
    select task_type_id, {{ end }}_event_type as event_type
    from {{ source('registry', 'task_types') }}
    where {{ end }}_event_type is not null
    {{ 'union' if not loop.last }}
    {% endfor -%}
),

roster_events as (
    select distinct task_events.event_type
    from task_events
    inner join rosters on task_events.task_type_id = rosters.task_type_id
),

products as (
    select product_id from {{ source('registry', 'products') }}
)

select products.product_id, task_events.task_type_id
from task_events
inner join roster_events on task_events.event_type = roster_events.event_type
cross join products
union
select people.product_id, task_events.task_type_id
from task_events
inner join {{ ref('int_person_event_types') }} as people
    on task_events.event_type = people.event_type and people.is_hidden and not people.is_beside
union
-- or rests on the same counts as a hidden figure
select suppressed.product_id, behind.task_type_id
from {{ ref('int_metric_periods_suppressed') }} as suppressed
inner join {{ ref('int_metric_task_types') }} as behind on suppressed.metric_id = behind.metric_id
