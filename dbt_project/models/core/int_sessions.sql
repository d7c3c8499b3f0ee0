-- one row per session of a person in a product: a gap of more than half an hour starts a new one
{% set longest_gap_us = 30 * 60 * 1000000 %}

with

steps as (
    select
        session_type,
        product_id,
        source_id,
        event_id,
        person_id,
        segment_id,
        occurred_at,
        lag(occurred_at) over (
            partition by session_type, product_id, person_id order by occurred_at, source_id, event_id
        ) as previous_at
    from {{ ref('int_session_events') }}
),

marked as (
    select
        *,
        -- exactly half an hour stays, and midnight means nothing
        coalesce({{ micros_between('previous_at', 'occurred_at') }} > {{ longest_gap_us }}, true) as is_first
    from steps
),

numbered as (
    select
        *,
        sum(case when is_first then 1 else 0 end) over (
            partition by session_type, product_id, person_id
            order by occurred_at, source_id, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from marked
),

sessions as (
    select
        session_type,
        product_id,
        person_id,
        session_number,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        max(case when is_first then source_id end) as source_id,
        max(case when is_first then segment_id end) as segment_id
    from numbered
    group by session_type, product_id, person_id, session_number
)

select
    md5(session_type || '|' || product_id || '|' || person_id || '|' || session_number) as session_id,
    session_type,
    product_id,
    source_id,
    person_id,
    segment_id,
    session_number,
    started_at,
    ended_at,
    event_count,
    {{ micros_between('started_at', 'ended_at') }} as length_us,
    -- one event tells of no length
    case when event_count > 1 then {{ micros_between('started_at', 'ended_at') }} / 60000000.0 end as duration_minutes,
    {{ week_start('started_at') }} as week_start_date
from sessions
