{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: account with several of four signs of automation in a week of a source, source, week. The intervals
-- between its events are the dearest sign: looked at only where they decide
with

limits as (
    select
        max(case when parameter = 'least_signs' then value end) as least_signs,
        max(case when parameter = 'least_gaps' then value end) as least_gaps,
        max(case when parameter = 'gap_variation' then value end) as gap_variation
    from {{ source('registry', 'check_parameters') }}
    where check_id = 15
),

signed as (
    select source_id, week_start_date, actor_id, sign_count
    from {{ ref('int_instrument_accounts_signed') }}
    where true {{ in_scope(changed, ['source_id', 'week_start_date']) }}
),

spaced as (
    select
        events.source_id,
        events.occurred_week_start_date as week_start_date,
        events.actor_id,
        signed.sign_count,
        {{ micros_between(
            'lag(events.occurred_at) over (
                partition by events.source_id, events.occurred_week_start_date, events.actor_id order by events.occurred_at
            )',
            'events.occurred_at'
        ) }} as gap_us
    from {{ ref('int_events_known') }} as events
    inner join signed
        on
            events.source_id = signed.source_id
            and events.occurred_week_start_date = signed.week_start_date
            and events.actor_id = signed.actor_id
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

-- a pause of a night isn't an interval
gaps as (
    select source_id, week_start_date, actor_id, sign_count, case when gap_us between 1 and 8 * 3600e6 then gap_us end as gap_us
    from spaced
)

select
    gaps.source_id,
    gaps.week_start_date,
    gaps.actor_id
from gaps
cross join limits
group by
    gaps.source_id, gaps.week_start_date, gaps.actor_id, gaps.sign_count,
    limits.least_gaps, limits.gap_variation, limits.least_signs
having
    gaps.sign_count + case
        when count(gaps.gap_us) >= limits.least_gaps and stddev_samp(gaps.gap_us) < limits.gap_variation * avg(gaps.gap_us)
            then 1
        else 0
    end >= limits.least_signs
