-- items after which the event came that a measure asks for, and how often it came
with

measures as (
    select measure_id, followed_by_event_type, followed_within_hours, followed_match
    from {{ source('registry', 'measures') }}
    where followed_by_event_type is not null and aggregate <> 'open_at_period_end'
),

items as (
    select measure_id, product_id, item_kind, item_id, subject_id, actor_id, anchored_at
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
        case
            when measures.followed_match = 'actor' then items.actor_id
            when measures.followed_match = 'subject' or measures.followed_match like 'subject:%' then items.subject_id
            else dimensions.value_text
        end as match_value
    from items
    inner join measures on items.measure_id = measures.measure_id
    left join dimensions
        on
            items.item_kind = dimensions.item_kind
            and items.item_id = dimensions.item_id
            and measures.followed_match = dimensions.dimension
),

followers as (
    select
        events.product_id,
        events.event_type,
        matches.followed_match,
        events.occurred_at,
        case
            when matches.followed_match = 'actor' then events.actor_id
            when matches.followed_match = 'subject' then events.subject_id
            -- the follower names the item's subject in a property of its own
            when matches.followed_match like 'subject:%'
                then {{ json_text('events.data', 'substr(matches.followed_match, 9)') }}
            else {{ json_text('events.data', 'matches.followed_match') }}
        end as match_value
    from {{ ref('int_events') }} as events
    inner join (
        select distinct followed_by_event_type, followed_match from measures
    ) as matches on events.event_type = matches.followed_by_event_type
    where not events.is_heartbeat
)

-- strictly after the item, and at most so long after it
select waiting.measure_id, waiting.item_kind, waiting.item_id, count(*) as follower_count
from waiting
inner join followers
    on
        waiting.product_id = followers.product_id
        and waiting.followed_by_event_type = followers.event_type
        and waiting.followed_match = followers.followed_match
        and waiting.match_value = followers.match_value
        and followers.occurred_at > waiting.anchored_at
        and {{ micros_between('waiting.anchored_at', 'followers.occurred_at') }} <= waiting.followed_within_us
group by waiting.measure_id, waiting.item_kind, waiting.item_id
