-- grain: source, week, dense from the first event to the end of observation.
-- Days without a sign of life at the end of the week.
with

sources as (
    select
        source_id,
        observed_until_at,
        silence_horizon_days
    from {{ ref('int_source_watermarks') }}
),

weekly_signs as (
    select
        source_id,
        week_start_date,
        sign_count,
        last_seen_at
    from {{ ref('int_source_weeks_seen') }}
),

first_weeks as (
    select
        sources.source_id,
        sources.silence_horizon_days,
        {{ to_reporting_zone('sources.observed_until_at') }} as observed_until_local_at,
        {{ week_start('sources.observed_until_at') }} as last_week_start_date,
        min(weekly_signs.week_start_date) as first_week_start_date
    from sources
    inner join weekly_signs on sources.source_id = weekly_signs.source_id
    group by sources.source_id, sources.silence_horizon_days, sources.observed_until_at
),

weeks as (
    select
        source_id,
        silence_horizon_days,
        observed_until_local_at,
        {{ weeks_between('first_week_start_date', 'last_week_start_date') }} as week_start_date
    from first_weeks
),

last_signs as (
    select
        weeks.source_id,
        weeks.week_start_date,
        weeks.silence_horizon_days,
        least(
            cast(weeks.week_start_date as timestamp) + interval '7' day,
            weeks.observed_until_local_at
        ) as week_end_at,
        coalesce(weekly_signs.sign_count, 0) as sign_count,
        max(weekly_signs.last_seen_at) over (
            partition by weeks.source_id order by weeks.week_start_date
        ) as last_seen_at
    from weeks
    left join weekly_signs
        on
            weeks.source_id = weekly_signs.source_id
            and weeks.week_start_date = weekly_signs.week_start_date
)

select
    source_id,
    week_start_date,
    sign_count,
    silence_horizon_days,
    {{ micros_between('last_seen_at', 'week_end_at') }} / 86400e6 as silent_days
from last_signs
