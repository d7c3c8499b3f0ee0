{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed'), 'parent_metric_id') }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- what stands beside a restricted mean: mean and p90 of the finished, and the median with open ones as infinite
{% set is_enough = 'not ' ~ too_few('companions.unit_count', 'metrics.minimum_n') %}

with

ripe as (
    select
        product_id, metric_id, weeks.period_grain, weeks.period_start_date,
        count(case when weeks.is_week_ripe then 1 end) as ripe_week_count
    from {{ ref('int_metric_period_weeks') }} as weeks
    inner join {{ source('registry', 'metrics') }} as metrics using (metric_id)
    where metrics.kind = 'duration' {{ in_scope_of_periods(changed) }}
    group by product_id, metric_id, weeks.period_grain, weeks.period_start_date
),

summed as (
    select
        product_id, metric_id, period_grain, period_start_date, ripe.ripe_week_count,
        ranks.units_per_us, ranks.finished_us, ranks.p90_us, ranks.median_us,
        coalesce(ranks.item_count, 0) as item_count,
        coalesce(ranks.finished_count, 0) as finished_count,
        case when ripe.ripe_week_count > 0 then sums.person_count else 0 end as person_count,
        case when ripe.ripe_week_count > 0 then sums.open_count else 0 end as open_count
    from ripe
    left join {{ ref('int_sums_duration') }} as sums using (product_id, metric_id, period_grain, period_start_date)
    left join {{ ref('int_duration_ranks') }} as ranks using (product_id, metric_id, period_grain, period_start_date)
),

companions as (
    select
        product_id, metric_id, '_finished_mean' as suffix, period_grain, period_start_date,
        finished_us / nullif(finished_count, 0) * units_per_us as value,
        finished_us * units_per_us as numerator, cast(finished_count as {{ double_type() }}) as denominator,
        finished_count as unit_count, person_count, open_count,
        case when ripe_week_count = 0 then 'not_ripe' when finished_count = 0 then 'no_items' end as no_value_reason
    from summed
    union all
    select
        product_id, metric_id, '_finished_p90' as suffix, period_grain, period_start_date,
        p90_us * units_per_us as value,
        cast(null as {{ double_type() }}) as numerator, cast(finished_count as {{ double_type() }}) as denominator,
        finished_count as unit_count, person_count, open_count,
        case when ripe_week_count = 0 then 'not_ripe' when finished_count = 0 then 'no_items' end as no_value_reason
    from summed
    union all
    select
        product_id, metric_id, '_median' as suffix, period_grain, period_start_date,
        median_us * units_per_us as value,
        cast(null as {{ double_type() }}) as numerator, cast(item_count as {{ double_type() }}) as denominator,
        item_count as unit_count, person_count, open_count,
        case
            when ripe_week_count = 0 then 'not_ripe'
            when item_count = 0 then 'no_items'
            when median_us is null then 'median_not_reached'
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
