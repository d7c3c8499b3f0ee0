{{ config(materialized='view') }}
-- a view: read for ids that came again, and once more for all; written once, when classified
with

events as (
    select
        connector, file_id, line_number, event_number, event_id, source_id, event_type, subject_id,
        product_id, occurred_at, recorded_at, received_at, sequence, actor_id, actor_kind,
        segment_id, environment, ingress_path, correlation_id, causation_id, idempotency_key,
        sampled_rate, is_heartbeat, data, problem, problem_detail
    from {{ ref('int_events_received') }}
),

sources as (
    select source_id, product_id, observed_until, has_receive_clock
    from {{ source('registry', 'sources') }}
),

settings as (
    select coalesce(
        max(case when setting = 'future_tolerance_hours' then cast(value as {{ double_type() }}) end),
        24
    ) as future_tolerance_hours
    from {{ source('registry', 'settings') }}
),

planned_types as (
    select source_id, event_type from {{ source('registry', 'tracking_plan') }}
),

-- few pairs against the plan, not many events: a planned source may end in `*`
known_types as (
    select pairs.source_id, pairs.event_type
    from (select distinct source_id, event_type from {{ ref('int_event_paths') }}) as pairs
    where exists (
        select 1
        from planned_types
        where planned_types.event_type = pairs.event_type
            and (
                planned_types.source_id = pairs.source_id
                or (
                    planned_types.source_id like '%*'
                    and starts_with(pairs.source_id, replace(planned_types.source_id, '*', ''))
                )
            )
    )
),

joined as (
    select
        events.*,
        coalesce(events.product_id, sources.product_id) as filled_product_id,
        coalesce(events.received_at, sources.observed_until, events.occurred_at) as filled_received_at,
        events.received_at is not null as is_receive_clocked,
        sources.source_id is null as is_source_unknown,
        sources.has_receive_clock as is_receive_clock_declared,
        known_types.event_type is null as is_type_unknown,
        coalesce(
            events.occurred_at > coalesce(events.received_at, sources.observed_until, events.occurred_at)
            + settings.future_tolerance_hours * interval '1' hour,
            false
        ) as is_of_future
    from events
    cross join settings
    left join sources on events.source_id = sources.source_id
    left join known_types
        on events.source_id = known_types.source_id and events.event_type = known_types.event_type
)

select
    connector, file_id, line_number, event_number, event_id, source_id, event_type, subject_id,
    filled_product_id as product_id,
    occurred_at,
    recorded_at,
    filled_received_at as received_at,
    is_receive_clocked as has_receive_clock,
    sequence, actor_id, actor_kind, segment_id, environment, ingress_path, correlation_id,
    causation_id, idempotency_key, sampled_rate, is_heartbeat, data,
    case
        when problem is not null then problem
        when event_id is null or event_type is null or subject_id is null then 'missing_attribute'
        when occurred_at is null then 'unparsable_time'
        when is_receive_clock_declared and not is_receive_clocked then 'missing_attribute'
        when is_of_future then 'time_in_future'
        when is_source_unknown then 'unknown_source'
        when is_type_unknown then 'unknown_type'
    end as problem,
    case
        when problem is not null then problem_detail
        when event_id is null then 'id'
        when event_type is null then 'type'
        when subject_id is null then 'subject'
        when is_receive_clock_declared and not is_receive_clocked then 'receivedtime'
        when is_of_future
            then 'time ' || cast(occurred_at as varchar) || ', received '
                || cast(filled_received_at as varchar)
        when is_source_unknown then source_id
        when is_type_unknown then source_id || ' ' || event_type
    end as problem_detail,
    is_of_future
from joined
