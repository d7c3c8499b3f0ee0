-- grain: source, week with a sign of life within its observation. Occurring and being received are both
-- signs of life: a source that delivers in batches lives while batches come.
with

sources as (
    select source_id, observed_until_at
    from {{ ref('int_source_watermarks') }}
),

days as (
    select
        source_id,
        week_start_date,
        'occurred_at' as kind,
        occurred_date as seen_date,
        sign_count,
        last_occurred_at as last_seen_at
    from {{ ref('int_source_days_counted') }}
    union all
    select
        source_id,
        week_start_date,
        'received_at' as kind,
        received_date as seen_date,
        sign_count,
        last_received_at as last_seen_at
    from {{ ref('int_source_days_received') }}
),

observed_days as (
    select
        days.*,
        sources.observed_until_at,
        max(days.last_seen_at) over (
            partition by days.source_id, days.kind, days.seen_date
        ) <= sources.observed_until_at as is_whole
    from days
    inner join sources on days.source_id = sources.source_id
    where days.seen_date <= cast(sources.observed_until_at as date)
),

-- observation ends within the day: its signs are counted again
cut_days as (
    select distinct source_id, kind, seen_date, observed_until_at
    from observed_days
    where not is_whole
),

signs as (
    select
        source_id,
        week_start_date,
        sign_count,
        last_seen_at
    from observed_days
    where is_whole
    {%- for instant in ['occurred_at', 'received_at'] %}
    union all
    select
        cut_days.source_id,
        {{ week_start('events.' ~ instant) }} as week_start_date,
        count(*) as sign_count,
        max(events.{{ instant }}) as last_seen_at
    from {{ ref('int_events_known') }} as events
    inner join cut_days
        on
            events.source_id = cut_days.source_id
            and cast(events.{{ instant }} as date) = cut_days.seen_date
    where
        cut_days.kind = '{{ instant }}'
        and events.classification in ('accepted', 'duplicate')
        and events.{{ instant }} <= cut_days.observed_until_at
        {{ 'and events.has_receive_clock' if instant == 'received_at' }}
    group by cut_days.source_id, {{ week_start('events.' ~ instant) }}
    {%- endfor %}
)

select
    source_id,
    week_start_date,
    cast(sum(sign_count) as bigint) as sign_count,
    {{ to_reporting_zone('max(last_seen_at)') }} as last_seen_at
from signs
group by source_id, week_start_date
