-- the long measure table: one row per measure and counted item
with

measures as (
    select
        measure_id,
        aggregate,
        quantity,
        unit_key,
        followed_by_event_type,
        followed_within_hours,
        followed_match
    from {{ source('registry', 'measures') }}
    where aggregate <> 'open_at_period_end'
),

items as (
    select
        measure_id,
        item_kind,
        item_id,
        product_id,
        source_id,
        subject_id,
        actor_id,
        actor_kind,
        anchored_at,
        week_start_date,
        sampled_rate
    from {{ ref('int_measure_items') }}
),

dimensions as (
    select item_kind, item_id, dimension, value_text
    from {{ ref('int_item_dimensions') }}
),

waiting as (
    select
        items.measure_id,
        items.product_id,
        items.item_kind,
        items.item_id,
        items.anchored_at,
        measures.followed_by_event_type,
        measures.followed_match,
        cast(round(measures.followed_within_hours * 3600000000) as bigint) as followed_within_us,
        case measures.followed_match
            when 'actor' then items.actor_id
            when 'subject' then items.subject_id
            else dimensions.value_text
        end as match_value
    from items
    inner join measures on items.measure_id = measures.measure_id
    left join dimensions
        on
            items.item_kind = dimensions.item_kind
            and items.item_id = dimensions.item_id
            and measures.followed_match = dimensions.dimension
    where measures.followed_by_event_type is not null
),

followers as (
    select
        events.product_id,
        events.event_type,
        matches.followed_match,
        events.occurred_at,
        case matches.followed_match
            when 'actor' then events.actor_id
            when 'subject' then events.subject_id
            else {{ json_text('events.data', 'matches.followed_match') }}
        end as match_value
    from {{ ref('int_events') }} as events
    inner join (
        select distinct followed_by_event_type, followed_match
        from measures
        where followed_by_event_type is not null
    ) as matches on events.event_type = matches.followed_by_event_type
    where not events.is_heartbeat
),

-- strictly after the item, and at most so long after it
followed as (
    select distinct waiting.measure_id, waiting.item_kind, waiting.item_id
    from waiting
    inner join followers
        on
            waiting.product_id = followers.product_id
            and waiting.followed_by_event_type = followers.event_type
            and waiting.followed_match = followers.followed_match
            and waiting.match_value = followers.match_value
            and followers.occurred_at > waiting.anchored_at
            and {{ micros_between('waiting.anchored_at', 'followers.occurred_at') }} <= waiting.followed_within_us
),

counted as (
    select
        items.measure_id,
        items.product_id,
        items.item_id,
        items.source_id,
        items.subject_id,
        items.anchored_at,
        items.week_start_date,
        measures.aggregate,
        -- a service that acts is not a person
        case when coalesce(items.actor_kind, 'human') not in ('service', 'bot', 'test') then items.actor_id end as person_id,
        case measures.unit_key when 'subject' then items.subject_id when 'actor' then items.actor_id else items.item_id end
            as unit_key,
        case
            when measures.aggregate = 'sum' then items.sampled_rate * {{ safe_number('quantities.value_text') }}
            when measures.aggregate = 'count' then cast(items.sampled_rate as {{ double_type() }})
            else 1.0
        end as amount
    from items
    inner join measures on items.measure_id = measures.measure_id
    left join dimensions as quantities
        on
            items.item_kind = quantities.item_kind
            and items.item_id = quantities.item_id
            and measures.quantity = quantities.dimension
    left join followed
        on
            items.measure_id = followed.measure_id
            and items.item_kind = followed.item_kind
            and items.item_id = followed.item_id
    where measures.followed_by_event_type is null or followed.item_id is not null
)

select
    measure_id,
    product_id,
    item_id,
    source_id,
    subject_id,
    anchored_at,
    week_start_date,
    person_id,
    unit_key,
    amount
from counted
-- an item without the quantity to add is no part of a sum, and nobody is no person
where amount is not null and (aggregate <> 'distinct_people' or person_id is not null)
