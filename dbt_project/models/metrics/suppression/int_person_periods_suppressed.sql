-- which periods of metrics about people, or about their records, may not be shown: below the rules themselves, or a longer
-- period that would give hidden weeks away when the shown ones are subtracted from it
{% set longer_grains = ['fortnight', 'four_weeks', 'month', 'thirteen_weeks', 'quarter'] %}

with

periods as (
    select
        product_id, metric_id, counted_metric_id, period_grain, period_start_date, least_people,
        is_overlapping, is_derived, is_below
    from {{ ref('int_periods_judged') }}
),

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added
),

-- a block is a set of hidden weeks whose sum is shown: weeks of none are free
weeks_week as (
    select
        product_id, metric_id, counted_metric_id, period_start_date as week_start_date,
        cast(null as date) as block_from_date, cast(null as date) as block_to_date
    from periods
    where period_grain = 'week' and is_below and not is_overlapping
),

{% for grain in longer_grains -%}
{% set before = 'week' if loop.first else longer_grains[loop.index0 - 1] -%}
hidden_in_{{ grain }} as (
    select
        longer.product_id, longer.metric_id, longer.period_start_date,
        max(longer.least_people) as least_people,
        min(period_weeks.week_start_date) as from_date,
        max(period_weeks.week_start_date) as to_date,
        min(weeks.block_from_date) as least_block_date,
        max(weeks.block_to_date) as last_block_date,
        min(weeks.week_start_date) filter (where weeks.block_from_date is null) as free_from_date,
        max(weeks.week_start_date) filter (where weeks.block_from_date is null) as free_to_date,
        count(distinct weeks.week_start_date) filter (where weeks.block_from_date is null) as free_week_count,
        count(distinct people.person_id) filter (where weeks.block_from_date is null) as free_person_count,
        sum(cohorts.numerator) filter (where weeks.block_from_date is null) as free_numerator,
        sum(cohorts.denominator) filter (where weeks.block_from_date is null) as free_denominator
    from periods as longer
    inner join period_weeks
        on
            longer.product_id = period_weeks.product_id
            and longer.counted_metric_id = period_weeks.metric_id
            and longer.period_grain = period_weeks.period_grain
            and longer.period_start_date = period_weeks.period_start_date
    left join weeks_{{ before }} as weeks
        on
            longer.product_id = weeks.product_id
            and longer.metric_id = weeks.metric_id
            and period_weeks.week_start_date = weeks.week_start_date
    left join {{ ref('int_people_counted') }} as people
        on
            weeks.product_id = people.product_id
            and weeks.counted_metric_id = people.metric_id
            and weeks.week_start_date = people.week_start_date
    left join {{ ref('int_cohort_weeks') }} as cohorts
        on
            weeks.product_id = cohorts.product_id
            and weeks.metric_id = cohorts.metric_id
            and weeks.week_start_date = cohorts.week_start_date
    where longer.period_grain = '{{ grain }}' and not longer.is_below
    group by longer.product_id, longer.metric_id, longer.period_start_date
),

-- shown: it holds blocks as wholes, and free weeks as two or more of enough people
shown_{{ grain }} as (
    select product_id, metric_id, period_start_date, from_date, to_date, free_from_date, free_to_date
    from hidden_in_{{ grain }}
    where
        (least_block_date is null or (least_block_date >= from_date and last_block_date <= to_date))
        and (
            free_week_count = 0 or (free_week_count >= 2 and (free_person_count >= least_people or not coalesce(
                {{ is_small_part('free_numerator', 'free_denominator', 'least_people') }}, true
            )))
        )
),

weeks_{{ grain }} as (
    select
        weeks.product_id, weeks.metric_id, weeks.counted_metric_id, weeks.week_start_date,
        coalesce(weeks.block_from_date, shown.free_from_date) as block_from_date,
        coalesce(weeks.block_to_date, shown.free_to_date) as block_to_date
    from weeks_{{ before }} as weeks
    left join shown_{{ grain }} as shown
        on
            weeks.product_id = shown.product_id
            and weeks.metric_id = shown.metric_id
            and weeks.week_start_date between shown.from_date and shown.to_date
),

{% endfor -%}
shown as (
    {%- for grain in longer_grains %}
    select product_id, metric_id, '{{ grain }}' as period_grain, period_start_date from shown_{{ grain }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    periods.product_id, periods.metric_id, periods.period_grain, periods.period_start_date, periods.least_people
from periods
left join shown
    on
        periods.product_id = shown.product_id
        and periods.metric_id = shown.metric_id
        and periods.period_grain = shown.period_grain
        and periods.period_start_date = shown.period_start_date
where periods.is_below or (
    periods.period_grain <> 'week' and not periods.is_overlapping and shown.product_id is null
    -- it has no weeks of its own to add: what is hidden of its parents hides it
    and not periods.is_derived
)
