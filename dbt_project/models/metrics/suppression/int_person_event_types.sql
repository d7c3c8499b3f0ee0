-- event types by which people are counted, by source: their own counts would print what is hidden
with

emitters as (
    select product_id, source_id, event_type from {{ ref('int_source_event_counts') }}
),

hidden as (
    select distinct product_id, metric_id from {{ ref('int_person_periods_suppressed') }}
),

by_metrics as (
    select
        lineage.product_id,
        lineage.source_id,
        lineage.event_type,
        least_people.least_people,
        hidden.metric_id is not null as is_hidden
    from {{ ref('int_metric_lineage') }} as lineage
    inner join {{ ref('int_metric_least_people') }} as least_people
        on lineage.metric_id = least_people.metric_id and least_people.is_of_people
    left join hidden on lineage.product_id = hidden.product_id and lineage.metric_id = hidden.metric_id
),

-- growth and retention have small cells wherever there is use, and funnels where a step is small
by_usage as (
    select product_id, event_type, true as is_hidden
    from {{ source('registry', 'active_uses') }}
    union all
    select product_id, event_type, is_small as is_hidden
    from {{ ref('int_funnel_weeks') }}
    where match_key = 'actor'
),

together as (
    select product_id, source_id, event_type, least_people, is_hidden
    from by_metrics
    union all
    select
        by_usage.product_id,
        emitters.source_id,
        by_usage.event_type,
        cast({{ setting_number('suppression_k', 5) }} as integer) as least_people,
        by_usage.is_hidden
    from by_usage
    inner join emitters on by_usage.product_id = emitters.product_id and by_usage.event_type = emitters.event_type
),

task_events as (
    {% for end in ['start', 'finish', 'cancel', 'reopen'] -%}
    select task_type_id, {{ end }}_event_type as event_type
    from {{ source('registry', 'task_types') }}
    where {{ end }}_event_type is not null
    {{ 'union' if not loop.last }}
    {% endfor -%}
),

-- what is checked at one end of a task counts its other ends, those that never came count the starts, and
-- as many sessions begin as end: what befalls the same thing is counted alike
with_others as (
    select product_id, source_id, event_type, least_people, is_hidden, false as is_beside
    from together
    union all
    select
        together.product_id, sources.source_id, others.event_type, together.least_people, together.is_hidden,
        true as is_beside
    from together
    inner join task_events as ends on together.event_type = ends.event_type
    inner join task_events as others on ends.task_type_id = others.task_type_id
    inner join {{ source('registry', 'sources') }} as sources on together.product_id = sources.product_id
    union all
    select
        together.product_id, emitters.source_id, emitters.event_type, together.least_people, together.is_hidden,
        true as is_beside
    from together
    inner join emitters
        on
            together.product_id = emitters.product_id
            and split_part(together.event_type, '.', 1) = split_part(emitters.event_type, '.', 1)
)

select
    product_id, source_id, event_type, max(least_people) as least_people, bool_or(is_hidden) as is_hidden,
    not bool_or(is_hidden and not is_beside) as is_beside
from with_others
group by product_id, source_id, event_type
union all
-- what a source sends in all, less its other types, is the count of one: be it hidden only beside another
select
    with_others.product_id, with_others.source_id, '*' as event_type, max(with_others.least_people) as least_people,
    bool_or(with_others.is_hidden) as is_hidden,
    not bool_or(with_others.is_hidden and not with_others.is_beside) as is_beside
from with_others
left join emitters
    on
        with_others.product_id = emitters.product_id
        and with_others.source_id = emitters.source_id
        and with_others.event_type = emitters.event_type
-- the other ends of a task stand beside it for all sources, also for those that never send them
where not with_others.is_beside or emitters.event_type is not null
group by with_others.product_id, with_others.source_id
