{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- what bounds the median, the p90 and the mean of finished times at 95 %: two of the items themselves, or Cox's
-- interval of the mean of log-normal times; ripe weeks only

with

quantiles as (
    select degrees_of_freedom, quantile
    from {{ ref('ref_t_quantile') }}
    where confidence_level = 0.95
),

ranks as (
    select
        ranks.*,
        -- the method's range for log-normal times; from 30 on a bootstrap is as good and assumes less
        finished_count between 7 and 29 and log_count = finished_count as is_cox
    from {{ ref('int_duration_ranks') }} as ranks
    where true {{ in_scope_of_periods(changed) }}
),

logs as (
    select
        product_id, metric_id, weeks.period_grain, weeks.period_start_date,
        ln(items.duration_us / 3600000000.0 * items.units_per_hour) as log_time
    from {{ ref('int_duration_items') }} as items
    inner join (
        select product_id, metric_id, period_grain, period_start_date, weeks.week_start_date
        from {{ ref('int_metric_period_weeks') }} as weeks
        inner join ranks using (product_id, metric_id, period_grain, period_start_date)
        where weeks.is_week_ripe and ranks.is_cox
    ) as weeks
        using (product_id, metric_id, week_start_date)
    where items.duration_us > 0
),

summed as (
    select
        product_id, metric_id, period_grain, period_start_date,
        count(*) as log_count,
        {{ ordered('sum', 'log_time') }} as log_sum,
        {{ ordered('sum', 'log_time * log_time') }} as log_squares
    from logs
    group by product_id, metric_id, period_grain, period_start_date
),

moments as (
    select
        summed.*,
        quantiles.quantile as t_quantile,
        summed.log_sum / summed.log_count as log_mean,
        (summed.log_squares - summed.log_sum * summed.log_sum / summed.log_count) / (summed.log_count - 1) as log_variance
    from summed
    left join quantiles on summed.log_count - 1 = quantiles.degrees_of_freedom
),

cox as (
    select
        product_id, metric_id, period_grain, period_start_date,
        log_mean + log_variance / 2 as log_middle,
        t_quantile * sqrt(log_variance / log_count + log_variance * log_variance / (2 * (log_count - 1)))
            as log_half_width
    from moments
    -- a variance of rounding errors is none
    where log_variance > 1e-12
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    -- where the upper item never finished, the interval has no upper end
    {% for limit in ['median_low', 'median_high', 'p90_low', 'p90_high'] -%}
        ranks.{{ limit }}_us * ranks.units_per_us as {{ limit }},
    {% endfor -%}
    exp(cox.log_middle - cox.log_half_width) as mean_low,
    exp(cox.log_middle + cox.log_half_width) as mean_high
from ranks
left join cox using (product_id, metric_id, period_grain, period_start_date)
