{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- quantiles of what the items of a period measure, interpolated between neighbours; a longer period is
-- recomputed from its items, never from the quantiles of its weeks
{% set has_value = 'not summed.is_mixed and not ' ~ too_few('summed.item_count', 'metrics.minimum_n') %}

with

metrics as (
    select
        metric_id, statistic, numerator_measure_id, minimum_n,
        cast(substr(statistic, 2) as {{ double_type() }}) / 100 as share
    from {{ source('registry', 'metrics') }}
    where kind = 'quantile'
),

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added {{ in_scope_of_periods(changed) }}
),

ranked as (
    select
        period_weeks.product_id,
        period_weeks.metric_id,
        period_weeks.period_grain,
        period_weeks.period_start_date,
        metrics.statistic,
        metrics.share,
        items.quantity,
        items.person_id,
        items.sampled_rate,
        row_number() over (
            partition by
                period_weeks.product_id, period_weeks.metric_id,
                period_weeks.period_grain, period_weeks.period_start_date
            order by items.quantity
        ) as item_rank,
        count(*) over (
            partition by
                period_weeks.product_id, period_weeks.metric_id,
                period_weeks.period_grain, period_weeks.period_start_date
        ) as item_count
    from {{ ref('int_measure_values') }} as items
    inner join metrics on items.measure_id = metrics.numerator_measure_id
    inner join period_weeks
        on
            items.product_id = period_weeks.product_id
            and metrics.metric_id = period_weeks.metric_id
            and items.week_start_date = period_weeks.week_start_date
),

-- exact ranks from the table, the normal approximation of the binomial beyond it
bounded as (
    select
        ranked.*,
        floor((ranked.item_count - 1) * ranked.share) + 1 as below_rank,
        {{ rank_below('ranked.item_count', 'ranked.share', 'ranks.lower_rank') }} as lower_rank,
        {{ rank_above('ranked.item_count', 'ranked.share', 'ranks.upper_rank') }} as upper_rank
    from ranked
    left join {{ ref('ref_quantile_ranks') }} as ranks
        on ranked.statistic = ranks.statistic and ranked.item_count = ranks.item_count
),

summed as (
    select
        product_id, metric_id, period_grain, period_start_date, item_count,
        max(case when item_rank = below_rank then quantity end) as below,
        max(case when item_rank = least(below_rank + 1, item_count) then quantity end) as above,
        max((item_count - 1) * share - below_rank + 1) as part_above,
        max(case when item_rank = lower_rank then quantity end) as lower_limit,
        max(case when item_rank = upper_rank then quantity end) as upper_limit,
        count(distinct person_id) as person_count,
        -- what was sampled at several rates is no longer a fair picture of all items
        min(sampled_rate) <> max(sampled_rate) as is_mixed
    from bounded
    group by product_id, metric_id, period_grain, period_start_date, item_count
)

select
    metric_sums.product_id,
    metric_sums.metric_id,
    metric_sums.period_grain,
    metric_sums.period_start_date,
    case when {{ has_value }} then below + (above - below) * part_above end as value,
    cast(summed.item_count as {{ double_type() }}) as denominator,
    coalesce(summed.item_count, 0) as unit_count,
    coalesce(summed.person_count, 0) as person_count,
    case when {{ has_value }} and upper_limit is not null then lower_limit end as ci_low,
    case when {{ has_value }} and lower_limit is not null then upper_limit end as ci_high,
    case when {{ has_value }} and lower_limit is not null and upper_limit is not null then 'order_statistics' end as ci_method,
    metric_sums.is_ripe,
    metric_sums.is_provisional,
    case
        when metric_sums.period_grain <> 'week' and metric_sums.ripe_week_count = 0 then 'not_ripe'
        when summed.item_count is null then 'no_items'
        when summed.is_mixed then 'mixed_sampling'
        when {{ too_few('summed.item_count', 'metrics.minimum_n') }} then 'too_few'
    end as no_value_reason
from {{ ref('int_metric_sums') }} as metric_sums
inner join metrics on metric_sums.metric_id = metrics.metric_id
left join summed
    on
        metric_sums.product_id = summed.product_id
        and metric_sums.metric_id = summed.metric_id
        and metric_sums.period_grain = summed.period_grain
        and metric_sums.period_start_date = summed.period_start_date
where true {{ in_scope_of_periods(changed, 'metric_sums.') }}
