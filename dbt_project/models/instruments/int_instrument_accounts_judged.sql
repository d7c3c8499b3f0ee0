-- grain: source, event type, week: events of accounts that are no people: on the list, declared as test,
-- or with three of four signs of automation in the week
with

excluded_accounts as (
    select actor_id
    from {{ source('registry', 'excluded_accounts') }}
),

events as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.event_id,
        events.actor_id,
        excluded_accounts.actor_id is not null
        or coalesce(events.actor_kind, 'unknown') = 'test' as is_known,
        events.occurred_at,
        case
            -- most events name no agent: looking into their data would cost the most of this check
            when events.data like '%agent"%'
                then lower(coalesce(
                    {{ json_text('events.data', "'user_agent'") }}, {{ json_text('events.data', "'useragent'") }},
                    {{ json_text('events.data', "'agent'") }}, ''
                ))
        end as agent
    from {{ ref('int_events_known') }} as events
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and events.actor_id is not null
        -- services and bots are declared as what they are; no measure takes them for people
        and coalesce(events.actor_kind, 'unknown') not in ('service', 'bot')
),

spaced as (
    select
        source_id,
        week_start_date,
        actor_id,
        agent,
        extract(hour from {{ to_reporting_zone('occurred_at') }}) as local_hour,
        {{ micros_between(
            'lag(occurred_at) over (partition by source_id, week_start_date, actor_id order by occurred_at)',
            'occurred_at'
        ) }} as gap_us
    from events
),

account_weeks as (
    select
        source_id,
        week_start_date,
        actor_id,
        count(*) as event_count,
        avg(case when local_hour >= 22 or local_hour < 6 then 1.0 else 0.0 end) as night_share,
        -- a pause of a night isn't an interval
        count(*) filter (where gap_us between 1 and 8 * 3600e6) as gap_count,
        stddev_samp(case when gap_us between 1 and 8 * 3600e6 then gap_us end) as gap_deviation,
        avg(case when gap_us between 1 and 8 * 3600e6 then gap_us end) as gap_mean,
        coalesce(bool_or({{ looks_automated('agent') }}), false) as has_agent
    from spaced
    group by source_id, week_start_date, actor_id
),

source_weeks as (
    select
        source_id,
        week_start_date,
        count(*) as account_count,
        percentile_cont(0.5) within group (order by event_count) as median_count
    from account_weeks
    group by source_id, week_start_date
),

recognised as (
    select
        account_weeks.source_id,
        account_weeks.week_start_date,
        account_weeks.actor_id
    from account_weeks
    inner join source_weeks
        on
            account_weeks.source_id = source_weeks.source_id
            and account_weeks.week_start_date = source_weeks.week_start_date
    where
        account_weeks.event_count >= 20
        and case when account_weeks.night_share >= 0.2 then 1 else 0 end
        + case
            when
                account_weeks.gap_count >= 10
                and account_weeks.gap_deviation < 0.1 * account_weeks.gap_mean
                then 1
            else 0
        end
        + case
            when
                source_weeks.account_count >= 3
                and account_weeks.event_count > 20 * source_weeks.median_count
                then 1
            else 0
        end
        + case when account_weeks.has_agent then 1 else 0 end >= 3
)

select
    events.source_id,
    events.event_type,
    events.week_start_date,
    (select count(*) from excluded_accounts) as listed_count,
    count(*) as event_count,
    count(*) filter (where events.is_known or recognised.actor_id is not null) as automated_count,
    {{ smallest_ids('events.event_id', 'events.is_known or recognised.actor_id is not null') }} as automated_ids
from events
left join recognised
    on
        events.source_id = recognised.source_id
        and events.week_start_date = recognised.week_start_date
        and events.actor_id = recognised.actor_id
group by events.source_id, events.event_type, events.week_start_date
