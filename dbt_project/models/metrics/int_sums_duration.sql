{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- sums of min(T, tau) of the tasks started in a period; ripe weeks only, so that nothing is censored
with

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date, is_week_ripe
    from {{ ref('int_metric_period_weeks') }}
    where true {{ in_scope_of_periods(changed) }}
),

items as (
    select product_id, metric_id, week_start_date, person_id, restricted, is_open
    from {{ ref('int_duration_items') }}
)

select
    period_weeks.product_id,
    period_weeks.metric_id,
    period_weeks.period_grain,
    period_weeks.period_start_date,
    {{ ordered('sum', 'items.restricted') }} filter (where period_weeks.is_week_ripe) as numerator,
    cast(
        count(items.restricted) filter (where period_weeks.is_week_ripe or period_weeks.period_grain = 'week')
        as {{ double_type() }}
    ) as denominator,
    {{ ordered('sum', 'items.restricted * items.restricted') }} filter (where period_weeks.is_week_ripe) as sum_squares,
    count(items.restricted) filter (where period_weeks.is_week_ripe or period_weeks.period_grain = 'week') as unit_count,
    count(distinct items.person_id) filter (where period_weeks.is_week_ripe or period_weeks.period_grain = 'week')
        as person_count,
    count(*) filter (
        where items.is_open and (period_weeks.is_week_ripe or period_weeks.period_grain = 'week')
    ) as open_count
from period_weeks
inner join {{ source('registry', 'metrics') }} as metrics
    on period_weeks.metric_id = metrics.metric_id and metrics.kind = 'duration'
left join items
    on
        period_weeks.product_id = items.product_id
        and period_weeks.metric_id = items.metric_id
        and period_weeks.week_start_date = items.week_start_date
group by
    period_weeks.product_id, period_weeks.metric_id, period_weeks.period_grain, period_weeks.period_start_date
