{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
{% set period = 'period_weeks.period_grain, period_weeks.period_start_date' %}
-- sums of min(T, tau) of the tasks started in a period; ripe weeks only, so that nothing is censored. Weeks first, of
-- which few make up the longer periods: an item is added up once and not in each of six grains.
with

period_weeks as (
    select
        product_id, metric_id, period_grain, period_start_date, week_start_date, is_week_ripe,
        is_week_ripe or period_grain = 'week' as is_counted
    from {{ ref('int_metric_period_weeks') }}
    inner join {{ source('registry', 'metrics') }} as metrics using (metric_id)
    where metrics.kind = 'duration' {{ in_scope_of_periods(changed) }}
),

-- an increment has longer periods to add up whose weeks it leaves as they are
weeks as (select distinct product_id, metric_id, week_start_date from period_weeks),

items as (
    select product_id, metric_id, week_start_date, person_id, restricted, is_open
    from {{ ref('int_duration_items') }}
    where true {{ in_scope('weeks', ['product_id', 'metric_id', 'week_start_date']) }}
),

weekly as (
    select
        product_id, metric_id, week_start_date,
        {{ ordered('sum', 'restricted') }} as restricted_sum,
        {{ ordered('sum', 'restricted * restricted') }} as restricted_squares,
        count(restricted) as unit_count,
        count(*) filter (where is_open) as open_count
    from items
    group by product_id, metric_id, week_start_date
),

people as (
    select product_id, metric_id, {{ period }}, count(distinct weekly_people.person_id) as person_count
    from period_weeks
    inner join (select distinct product_id, metric_id, week_start_date, person_id from items) as weekly_people
        using (product_id, metric_id, week_start_date)
    where period_weeks.is_counted
    group by product_id, metric_id, {{ period }}
),

summed as (
    select
        product_id, metric_id, {{ period }},
        {{ ordered('sum', 'weekly.restricted_sum') }} filter (where period_weeks.is_week_ripe) as numerator,
        {{ ordered('sum', 'weekly.restricted_squares') }} filter (where period_weeks.is_week_ripe) as sum_squares,
        coalesce(sum(weekly.unit_count) filter (where period_weeks.is_counted), 0) as unit_count,
        coalesce(sum(weekly.open_count) filter (where period_weeks.is_counted), 0) as open_count
    from period_weeks
    left join weekly using (product_id, metric_id, week_start_date)
    group by product_id, metric_id, {{ period }}
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    summed.numerator,
    cast(summed.unit_count as {{ double_type() }}) as denominator,
    summed.sum_squares,
    cast(summed.unit_count as bigint) as unit_count,
    cast(coalesce(people.person_count, 0) as bigint) as person_count,
    cast(summed.open_count as bigint) as open_count
from summed
left join people using (product_id, metric_id, period_grain, period_start_date)
