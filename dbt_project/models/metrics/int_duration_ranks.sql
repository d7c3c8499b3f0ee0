{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- the times of a period's ripe weeks, counted and ranked: those at the ranks that make or bound the median (an open
-- item as infinite) and the p90 of the finished. Counts are added up of weeks; of the rows in six grains, of which there
-- are six times as many as items, each is no more than a number for its period and a time, and is ranked once.
{% set never = 9223372036854775807 %}
{% set p90_position = '(finished_count - 1) * cast(0.9 as ' ~ double_type() ~ ')' %}
{% set wanted = ['median', 'median_low', 'median_high', 'p90_below', 'p90_above', 'p90_low', 'p90_high'] %}

with

weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_week_ripe {{ in_scope_of_periods(changed) }}
),

weekly as (
    select
        product_id, metric_id, week_start_date,
        max(units_per_hour) as units_per_hour,
        count(*) as item_count,
        count(duration_us) as finished_count,
        sum(duration_us) as finished_us,
        count(case when duration_us > 0 then 1 end) as log_count
    from {{ ref('int_duration_items') }}
    where true {{ in_scope('weeks', ['product_id', 'metric_id', 'week_start_date']) }}
    group by product_id, metric_id, week_start_date
),

counted as (
    select
        product_id, metric_id, weeks.period_grain, weeks.period_start_date,
        max(weekly.units_per_hour) / 3600000000.0 as units_per_us,
        cast(sum(weekly.item_count) as bigint) as item_count,
        cast(sum(weekly.finished_count) as bigint) as finished_count,
        cast(sum(weekly.finished_us) as {{ double_type() }}) as finished_us,
        cast(sum(weekly.log_count) as bigint) as log_count
    from weeks
    inner join weekly using (product_id, metric_id, week_start_date)
    group by product_id, metric_id, weeks.period_grain, weeks.period_start_date
),

placed as (
    select
        counted.*,
        row_number() over (
            order by counted.product_id, counted.metric_id, counted.period_grain, counted.period_start_date
        ) as period_number,
        ceil(counted.item_count / 2.0) as median_rank,
        floor({{ p90_position }}) + 1 as p90_below_rank,
        least(floor({{ p90_position }}) + 2, counted.finished_count) as p90_above_rank,
        {{ rank_below('counted.item_count', 0.5, 'middles.lower_rank') }} as median_low_rank,
        {{ rank_above('counted.item_count', 0.5, 'middles.upper_rank') }} as median_high_rank,
        {{ rank_below('counted.finished_count', 0.9, 'tails.lower_rank') }} as p90_low_rank,
        {{ rank_above('counted.finished_count', 0.9, 'tails.upper_rank') }} as p90_high_rank
    from counted
    left join {{ ref('ref_quantile_ranks') }} as middles
        on middles.statistic = 'p50' and counted.item_count = middles.item_count
    left join {{ ref('ref_quantile_ranks') }} as tails
        on tails.statistic = 'p90' and counted.finished_count = tails.item_count
),

numbered as (
    select product_id, metric_id, weeks.week_start_date, placed.period_number
    from weeks
    inner join placed using (product_id, metric_id, period_grain, period_start_date)
),

-- open and cancelled items come last, so that the finished have the same ranks with and without them
ranked as (
    select
        numbered.period_number,
        items.duration_us,
        row_number() over (partition by numbered.period_number order by coalesce(items.duration_us, {{ never }})) as item_rank
    from {{ ref('int_duration_items') }} as items
    inner join numbered using (product_id, metric_id, week_start_date)
),

picked as (
    select
        wanted.period_number,
        {% for name in wanted -%}
            max(case when wanted.name = '{{ name }}' then ranked.duration_us end) as {{ name }}_us{{ "," if not loop.last }}
        {% endfor %}
    from ranked
    inner join (
        {% for name in wanted -%}
            select period_number, '{{ name }}' as name, cast({{ name }}_rank as bigint) as item_rank from placed
            {{ "union all" if not loop.last }}
        {% endfor %}
    ) as wanted
        on ranked.period_number = wanted.period_number and ranked.item_rank = wanted.item_rank
    group by wanted.period_number
)

select
    placed.product_id, placed.metric_id, placed.period_grain, placed.period_start_date,
    placed.units_per_us,
    placed.item_count, placed.finished_count, placed.finished_us, placed.log_count,
    picked.median_us, picked.median_low_us, picked.median_high_us,
    -- between neighbours, as percentile_cont does it
    picked.p90_below_us
    + (picked.p90_above_us - picked.p90_below_us) * ({{ p90_position }} + 1 - placed.p90_below_rank) as p90_us,
    picked.p90_low_us,
    picked.p90_high_us
from placed
left join picked using (period_number)
