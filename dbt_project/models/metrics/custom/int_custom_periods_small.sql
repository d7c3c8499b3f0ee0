-- periods of custom person metrics with a cell of too few people behind them
with

metrics as (
    select metric_id
    from {{ source('registry', 'metrics') }}
    where custom_model is not null and kind = 'proportion' and subject_kind = 'person'
)

select weeks.product_id, weeks.metric_id, 'week' as period_grain, weeks.week_start_date as period_start_date
from {{ ref('int_custom_weeks') }} as weeks
inner join metrics on weeks.metric_id = metrics.metric_id
where weeks.is_small
union
select sums.product_id, sums.metric_id, sums.period_grain, sums.period_start_date
from {{ ref('int_sums_custom') }} as sums
inner join metrics on sums.metric_id = metrics.metric_id
where {{ is_small_part('sums.numerator', 'sums.denominator', setting_number('suppression_k', 5)) }}
