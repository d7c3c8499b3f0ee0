{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- what bounds the median, the p90 and the mean of finished times at 95 %: two of the items themselves, or Cox's
-- interval of the mean of log-normal times; ripe weeks only
{% set never = 9223372036854775807 %}
{% set period = 'product_id, metric_id, period_grain, period_start_date' %}

with

quantiles as (
    select degrees_of_freedom, quantile
    from {{ ref('ref_t_quantile') }}
    where confidence_level = 0.95
),

ranks as (
    select statistic, item_count, lower_rank, upper_rank from {{ ref('ref_quantile_ranks') }}
),

-- open and cancelled items come last, so that the finished have the same ranks with and without them
ranked as (
    select
        weeks.product_id,
        weeks.metric_id,
        weeks.period_grain,
        weeks.period_start_date,
        items.duration_us,
        items.units_per_hour / 3600000000.0 as units_per_us,
        case when items.duration_us > 0 then ln(items.duration_us / 3600000000.0 * items.units_per_hour) end as log_time,
        row_number() over (
            partition by weeks.product_id, weeks.metric_id, weeks.period_grain, weeks.period_start_date
            order by coalesce(items.duration_us, {{ never }})
        ) as item_rank
    from {{ ref('int_metric_period_weeks') }} as weeks
    inner join {{ ref('int_duration_items') }} as items
        on
            weeks.product_id = items.product_id
            and weeks.metric_id = items.metric_id
            and weeks.week_start_date = items.week_start_date
    where
        weeks.is_week_ripe
        {{ in_scope_of_periods(changed, 'weeks.') }}
),

counted as (
    select
        {{ period }},
        max(units_per_us) as units_per_us,
        count(*) as item_count,
        count(duration_us) as finished_count,
        count(log_time) as log_count,
        {{ ordered('sum', 'log_time') }} as log_sum,
        {{ ordered('sum', 'log_time * log_time') }} as log_squares
    from ranked
    group by {{ period }}
),

placed as (
    select
        counted.*,
        {{ rank_below('counted.item_count', 0.5, 'middles.lower_rank') }} as median_low_rank,
        {{ rank_above('counted.item_count', 0.5, 'middles.upper_rank') }} as median_high_rank,
        {{ rank_below('counted.finished_count', 0.9, 'tails.lower_rank') }} as p90_low_rank,
        {{ rank_above('counted.finished_count', 0.9, 'tails.upper_rank') }} as p90_high_rank,
        quantiles.quantile as t_quantile,
        counted.log_sum / nullif(counted.log_count, 0) as log_mean,
        (counted.log_squares - counted.log_sum * counted.log_sum / nullif(counted.log_count, 0))
        / nullif(counted.log_count - 1, 0) as log_variance,
        -- the method's range for log-normal times; from 30 on a bootstrap is as good and assumes less
        counted.finished_count between 7 and 29 and counted.log_count = counted.finished_count as is_cox
    from counted
    left join ranks as middles on middles.statistic = 'p50' and counted.item_count = middles.item_count
    left join ranks as tails on tails.statistic = 'p90' and counted.finished_count = tails.item_count
    left join quantiles on counted.log_count - 1 = quantiles.degrees_of_freedom
),

bounded as (
    select
        placed.*,
        placed.log_mean + placed.log_variance / 2 as log_middle,
        placed.t_quantile * sqrt(
            placed.log_variance / placed.log_count
            + placed.log_variance * placed.log_variance / (2 * (placed.log_count - 1))
        ) as log_half_width,
        -- a variance of rounding errors is none
        placed.is_cox and placed.log_variance > 1e-12 as has_cox
    from placed
)

select
    bounded.product_id,
    bounded.metric_id,
    bounded.period_grain,
    bounded.period_start_date,
    -- where the upper item never finished, the interval has no upper end
    {% for quantile, side in [('median', 'low'), ('median', 'high'), ('p90', 'low'), ('p90', 'high')] -%}
        max(case when ranked.item_rank = bounded.{{ quantile }}_{{ side }}_rank then ranked.duration_us end)
        * max(bounded.units_per_us) as {{ quantile }}_{{ side }},
    {% endfor -%}
    max(case when bounded.has_cox then exp(bounded.log_middle - bounded.log_half_width) end) as mean_low,
    max(case when bounded.has_cox then exp(bounded.log_middle + bounded.log_half_width) end) as mean_high
from bounded
inner join ranked
    on
        bounded.product_id = ranked.product_id
        and bounded.metric_id = ranked.metric_id
        and bounded.period_grain = ranked.period_grain
        and bounded.period_start_date = ranked.period_start_date
group by bounded.product_id, bounded.metric_id, bounded.period_grain, bounded.period_start_date
