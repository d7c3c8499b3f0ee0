{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: account, source, week; how many signs of automation it shows that can be seen without putting its events
-- in order, where they are so many that one more may decide
with

limits as (
    select
        max(case when parameter = 'least_events' then value end) as least_events,
        max(case when parameter = 'least_signs' then value end) as least_signs,
        max(case when parameter = 'night_share' then value end) as night_share,
        max(case when parameter = 'least_accounts' then value end) as least_accounts,
        max(case when parameter = 'times_median' then value end) as times_median
    from {{ source('registry', 'check_parameters') }}
    where check_id = 15
),

-- read twice, for fewer columns the first time: kept, it would cost more
events as not materialized (
    select
        events.source_id,
        events.occurred_week_start_date as week_start_date,
        events.actor_id,
        events.occurred_at,
        events.data
    from {{ ref('int_events_known') }} as events
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and events.actor_id is not null
        -- services and bots are declared as what they are; no measure takes them for people
        and coalesce(events.actor_kind, 'unknown') not in ('service', 'bot')
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

counted as (
    select source_id, week_start_date, actor_id, count(*) as event_count
    from events
    group by source_id, week_start_date, actor_id
),

looked_at as (
    select
        events.source_id,
        events.week_start_date,
        events.actor_id,
        counted.event_count,
        case
            -- most events name no agent: looking into their data would cost the most of this check
            when events.data like '%agent"%'
                then lower(coalesce(
                    {{ json_text('events.data', "'user_agent'") }}, {{ json_text('events.data', "'useragent'") }},
                    {{ json_text('events.data', "'agent'") }}, ''
                ))
        end as agent,
        extract(hour from {{ to_reporting_zone('events.occurred_at') }}) as local_hour
    from events
    inner join counted
        on
            events.source_id = counted.source_id
            and events.week_start_date = counted.week_start_date
            and events.actor_id = counted.actor_id
    -- fewer events show no sign, so that most accounts aren't looked at any further
    where counted.event_count >= (select max(limits.least_events) from limits)
),

account_weeks as (
    select
        source_id,
        week_start_date,
        actor_id,
        event_count,
        avg(case when local_hour >= 22 or local_hour < 6 then 1.0 else 0.0 end) as night_share,
        coalesce(bool_or({{ looks_automated('agent') }}), false) as has_agent
    from looked_at
    group by source_id, week_start_date, actor_id, event_count
),

source_weeks as (
    select
        source_id,
        week_start_date,
        count(*) as account_count,
        percentile_cont(0.5) within group (order by event_count) as median_count
    from counted
    group by source_id, week_start_date
),

signed as (
    select
        account_weeks.source_id,
        account_weeks.week_start_date,
        account_weeks.actor_id,
        case when account_weeks.night_share >= limits.night_share then 1 else 0 end
        + case
            when
                source_weeks.account_count >= limits.least_accounts
                and account_weeks.event_count > limits.times_median * source_weeks.median_count
                then 1
            else 0
        end
        + case when account_weeks.has_agent then 1 else 0 end as sign_count
    from account_weeks
    inner join source_weeks
        on
            account_weeks.source_id = source_weeks.source_id
            and account_weeks.week_start_date = source_weeks.week_start_date
    cross join limits
)

select signed.source_id, signed.week_start_date, signed.actor_id, signed.sign_count
from signed
cross join limits
where signed.sign_count >= limits.least_signs - 1
