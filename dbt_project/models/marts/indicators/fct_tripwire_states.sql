with

levels as (
    select
        tripwire_id, kpi_id, product_id, week_start_date, observed_value, observed_n, is_crossed, has_level,
        ripe_from_date
    from {{ ref('int_declared_tripwire_weeks') }}
),

tripwires as (
    select tripwire_id, metric_id, operator, threshold, minimum_n, grain, reason
    from {{ source('registry', 'tripwires') }}
),

metrics as (
    select metric_id, metric_name, unit
    from {{ ref('dim_metrics') }}
),

trusted as (
    select product_id, metric_id, period_start_date as week_start_date, trust_grade, is_ripe
    from {{ ref('int_metric_periods_trusted') }}
    where period_grain = 'week'
),

suppressed as (
    select product_id, metric_id, period_start_date as week_start_date
    from {{ ref('int_metric_periods_suppressed') }}
    where period_grain = 'week'
),

graded as (
    select
        levels.*,
        tripwires.metric_id,
        metrics.metric_name, metrics.unit,
        tripwires.operator, tripwires.threshold, tripwires.minimum_n, tripwires.grain, tripwires.reason,
        coalesce(trusted.trust_grade, 'D') as trust_grade,
        coalesce(trusted.is_ripe, false) as is_ripe,
        suppressed.product_id is not null as is_suppressed
    from levels
    inner join tripwires on levels.tripwire_id = tripwires.tripwire_id
    inner join metrics on tripwires.metric_id = metrics.metric_id
    left join trusted
        on levels.product_id = trusted.product_id
        and tripwires.metric_id = trusted.metric_id
        and levels.week_start_date = trusted.week_start_date
    left join suppressed
        on levels.product_id = suppressed.product_id
        and tripwires.metric_id = suppressed.metric_id
        and levels.week_start_date = suppressed.week_start_date
),

remembered as (
    select
        graded.*,
        max(case when is_crossed and trust_grade <> 'D' then week_start_date end) over so_far
            as last_crossed_week_start_date,
        max(case when is_crossed and trust_grade = 'D' then week_start_date end) over so_far
            as last_unverified_week_start_date,
        -- the grade of the latest complete week so far stands behind its date, which sorts
        right(max(case when is_ripe then cast(week_start_date as varchar) || trust_grade end) over so_far, 1)
            as complete_trust_grade
    from graded
    window so_far as (
        partition by product_id, kpi_id, tripwire_id
        order by week_start_date rows between unbounded preceding and current row
    )
),

-- a crossing stays in view for four weeks, so that one event is neither missed nor a quarter long
stated as (
    select
        remembered.*,
        case
            when not has_level then 'no_data'
            when is_crossed and trust_grade <> 'D' then 'crossed'
            when last_crossed_week_start_date > week_start_date - 28 then 'crossed_lately'
            when last_unverified_week_start_date > week_start_date - 28 then 'unverified'
            -- silence is not health: the few events of a week still running don't vouch for it
            when trust_grade = 'D' or complete_trust_grade = 'D' then 'unknown'
            when complete_trust_grade is null then 'not_ripe'
            else 'quiet'
        end as state
    from remembered
),

told as (
    select
        stated.*,
        trust_grade = 'D' or state = 'unknown' as is_withheld
    from stated
)

select
    product_id,
    kpi_id,
    tripwire_id,
    week_start_date,
    metric_id,
    metric_name,
    unit,
    operator,
    cast(threshold as {{ double_type() }}) as threshold,
    cast(minimum_n as bigint) as minimum_n,
    grain as tripwire_grain,
    reason,
    case when not is_withheld and not is_suppressed then cast(observed_value as {{ double_type() }}) end as observed_value,
    case when not is_withheld and not is_suppressed then cast(observed_n as bigint) end as observed_n,
    case when not is_withheld then is_crossed end as is_crossed,
    case
        when is_suppressed then 'suppressed'
        when not has_level then 'no_data'
        when is_withheld then 'withheld'
    end as no_value_reason,
    last_crossed_week_start_date,
    case when state = 'not_ripe' then ripe_from_date end as ripe_from_date,
    state,
    case when state = 'unknown' then 'D' else trust_grade end as trust_grade
from told
