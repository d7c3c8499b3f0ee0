{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed'), 'parent_metric_id') }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- what stands beside a restricted mean: mean and p90 of the finished, and the median with open ones as infinite
{% set never = 9223372036854775807 %}
{% set is_enough = 'not ' ~ too_few('companions.unit_count', 'metrics.minimum_n') %}

with

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date, is_week_ripe
    from {{ ref('int_metric_period_weeks') }}
    where true {{ in_scope_of_periods(changed) }}
),

items as (
    select product_id, metric_id, week_start_date, person_id, duration_us, units_per_hour, is_open
    from {{ ref('int_duration_items') }}
),

summed as (
    select
        period_weeks.product_id,
        period_weeks.metric_id,
        period_weeks.period_grain,
        period_weeks.period_start_date,
        count(*) filter (where period_weeks.is_week_ripe) as ripe_week_row_count,
        max(items.units_per_hour) / 3600000000.0 as units_per_us,
        count(items.product_id) filter (where period_weeks.is_week_ripe) as item_count,
        count(items.duration_us) filter (where period_weeks.is_week_ripe) as finished_count,
        cast(sum(items.duration_us) filter (where period_weeks.is_week_ripe) as {{ double_type() }}) as finished_us,
        count(distinct items.person_id) filter (where period_weeks.is_week_ripe) as person_count,
        count(*) filter (where period_weeks.is_week_ripe and items.is_open) as open_count,
        percentile_cont(0.9) within group (order by items.duration_us) filter (where period_weeks.is_week_ripe) as p90_us,
        percentile_disc(0.5) within group (order by coalesce(items.duration_us, {{ never }}))
            filter (where period_weeks.is_week_ripe and items.product_id is not null) as median_us
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
),

companions as (
    select
        product_id, metric_id, '_finished_mean' as suffix, period_grain, period_start_date,
        finished_us / nullif(finished_count, 0) * units_per_us as value,
        finished_us * units_per_us as numerator, cast(finished_count as {{ double_type() }}) as denominator,
        finished_count as unit_count, person_count, open_count,
        case when ripe_week_row_count = 0 then 'not_ripe' when finished_count = 0 then 'no_items' end as no_value_reason
    from summed
    union all
    select
        product_id, metric_id, '_finished_p90' as suffix, period_grain, period_start_date,
        p90_us * units_per_us as value,
        cast(null as {{ double_type() }}) as numerator, cast(finished_count as {{ double_type() }}) as denominator,
        finished_count as unit_count, person_count, open_count,
        case when ripe_week_row_count = 0 then 'not_ripe' when finished_count = 0 then 'no_items' end as no_value_reason
    from summed
    union all
    select
        product_id, metric_id, '_median' as suffix, period_grain, period_start_date,
        case when median_us < {{ never }} then median_us * units_per_us end as value,
        cast(null as {{ double_type() }}) as numerator, cast(item_count as {{ double_type() }}) as denominator,
        item_count as unit_count, person_count, open_count,
        case
            when ripe_week_row_count = 0 then 'not_ripe'
            when item_count = 0 then 'no_items'
            when median_us = {{ never }} then 'median_not_reached'
        end as no_value_reason
    from summed
)

select
    companions.product_id,
    companions.metric_id as parent_metric_id,
    companions.metric_id || companions.suffix as metric_id,
    companions.period_grain,
    companions.period_start_date,
    case when {{ is_enough }} then companions.value end as value,
    companions.numerator,
    companions.denominator,
    companions.unit_count,
    companions.person_count,
    companions.open_count,
    {% for side in ['low', 'high'] -%}
        case
            when not ({{ is_enough }}) then null
            when companions.suffix = '_median' then limits.median_{{ side }}
            when companions.suffix = '_finished_p90' then limits.p90_{{ side }}
            else limits.mean_{{ side }}
        end as ci_{{ side }},
    {% endfor -%}
    case
        when not ({{ is_enough }}) then null
        when companions.suffix = '_finished_mean' then case when limits.mean_low is not null then 'modified_cox' end
        when case companions.suffix when '_median' then limits.median_low else limits.p90_low end is not null
            then 'order_statistics'
    end as ci_method,
    metric_sums.is_ripe,
    metric_sums.is_provisional,
    case
        when companions.no_value_reason is not null then companions.no_value_reason
        when not ({{ is_enough }}) then 'too_few'
    end as no_value_reason
from companions
inner join {{ source('registry', 'metrics') }} as metrics on companions.metric_id = metrics.metric_id
inner join {{ ref('int_metric_sums') }} as metric_sums
    on
        companions.product_id = metric_sums.product_id
        and companions.metric_id = metric_sums.metric_id
        and companions.period_grain = metric_sums.period_grain
        and companions.period_start_date = metric_sums.period_start_date
left join {{ ref('int_duration_limits') }} as limits
    on
        companions.product_id = limits.product_id
        and companions.metric_id = limits.metric_id
        and companions.period_grain = limits.period_grain
        and companions.period_start_date = limits.period_start_date
