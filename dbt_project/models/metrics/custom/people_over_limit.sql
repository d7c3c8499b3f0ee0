-- share of the people with entries in a four-week period whose entries add up to more than a limit; it
-- stands in the last week of the period, and weeks of two periods share nothing
with

limits as (
    select limit_id, product_id, event_type, quantity, limit_value
    from {{ source('registry', 'people_limits') }}
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

entries as (
    select
        limits.limit_id,
        limits.product_id,
        limits.limit_value,
        events.actor_id as person_id,
        events.week_start_date,
        {{ period_start('events.week_start_date', 4) }} as period_start_date,
        min(events.week_start_date) over (partition by limits.limit_id) as first_week_start_date,
        -- an entry without a number is an entry all the same
        events.sampled_rate * coalesce({{ safe_number(json_text('events.data', 'limits.quantity')) }}, 0) as amount
    from {{ ref('int_events') }} as events
    inner join limits on events.product_id = limits.product_id and events.event_type = limits.event_type
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and events.actor_id is not null
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
),

-- a period that began before the first entry was seen in part only
people as (
    select
        limit_id,
        product_id,
        period_start_date,
        person_id,
        {{ ordered('sum', 'amount') }} > max(limit_value) as is_over
    from entries
    where period_start_date >= first_week_start_date
    group by limit_id, product_id, period_start_date, person_id
),

periods as (
    select
        limit_id,
        product_id,
        period_start_date + 21 as week_start_date,
        count(*) filter (where is_over) as over_count,
        count(*) as person_count
    from people
    group by limit_id, product_id, period_start_date
    union all
    -- the first week stands there without a figure: the grid starts with it
    select distinct
        limit_id,
        product_id,
        period_start_date as week_start_date,
        cast(null as bigint) as over_count,
        cast(null as bigint) as person_count
    from people
)

-- hours are read more closely than use is: fewer than the sensitive k on either side are not shown
select
    metrics.product_id,
    metrics.metric_id,
    periods.week_start_date,
    cast(periods.over_count as {{ double_type() }}) as numerator,
    cast(periods.person_count as {{ double_type() }}) as denominator,
    coalesce(periods.person_count, 0) as person_count,
    coalesce({{ is_small_part(
        'periods.over_count', 'periods.person_count', setting_number('suppression_k_sensitive', 10)
    ) }}, false) as is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join periods
    on metrics.product_id = periods.product_id and metrics.custom_parameter = periods.limit_id
where metrics.custom_model = 'people_over_limit'
