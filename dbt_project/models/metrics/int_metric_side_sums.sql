{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ replaced_by_periods(ref('int_metric_periods_changed')) }}"
) }}
{% set changed = ref('int_metric_periods_changed') %}
-- what a side of a metric adds up to in a period, from its items: weeks first, of which few make up the longer ones
{% set period = 'period_weeks.period_grain, period_weeks.period_start_date' %}
with

-- distinct counts are recomputed from items where every side is one; else they are exposure (person-weeks) and add up
recomputed as (
    select product_id, metric_id
    from {{ ref('int_metric_sides') }}
    where aggregate <> 'open_at_period_end' and kind <> 'quantile'
    group by product_id, metric_id
    having bool_and(aggregate in ('distinct_people', 'distinct_subjects', 'distinct_actors'))
),

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date, is_week_ripe
    from {{ ref('int_metric_period_weeks') }}
    where is_added {{ in_scope_of_periods(changed) }}
),

-- an increment has longer periods to add up whose weeks it leaves as they are
weeks as (select distinct product_id, metric_id, week_start_date, is_week_ripe from period_weeks),

items as (
    select
        sides.product_id, sides.metric_id, sides.side, sides.aggregate, sides.kind, metrics.subject_kind,
        items.week_start_date, items.subject_id, items.person_id, items.unit_key, items.amount
    from {{ ref('int_measure_values') }} as items
    inner join {{ ref('int_metric_sides') }} as sides
        on items.product_id = sides.product_id and items.measure_id = sides.measure_id
    inner join {{ source('registry', 'metrics') }} as metrics on sides.metric_id = metrics.metric_id
    where sides.aggregate <> 'open_at_period_end' and sides.kind <> 'quantile'
        -- by week first: few items are then compared by names
        {{ in_scope('weeks', ['items.week_start_date']) }}
        {{ in_scope('weeks', ['sides.product_id', 'sides.metric_id', 'items.week_start_date']) }}
),

weekly as (
    select
        product_id, metric_id, side, aggregate, week_start_date,
        {{ ordered('sum', 'amount') }} as amount_sum,
        count(*) as item_count
    from items
    group by product_id, metric_id, side, aggregate, week_start_date
),

-- keys are needed only where something distinct is counted; the unit of distinct actors is the actor
weekly_keys as (
    {% for counted, key, test in [
        ('person', 'person_id', "subject_kind = 'person' or aggregate = 'distinct_people'"),
        ('thing', 'subject_id', "aggregate = 'distinct_subjects'"),
        ('thing', 'unit_key', "aggregate = 'distinct_actors'"),
        ('unit', 'unit_key', "kind = 'ratio_of_sums'"),
    ] -%}
    {{ 'union all' if not loop.first }}
    select distinct product_id, metric_id, side, week_start_date, '{{ counted }}' as counted, {{ key }} as item_key
    from items
    where {{ key }} is not null and ({{ test }})
    {% endfor %}
),

-- only ripe weeks make up longer periods: which of them saw a key last is asked among themselves
seen as (
    select
        product_id, metric_id, side, week_start_date, counted,
        lag(week_start_date) over (
            partition by product_id, metric_id, side, counted, item_key, is_week_ripe order by week_start_date
        ) as last_seen_date
    from weekly_keys
    inner join weeks using (product_id, metric_id, week_start_date)
),

first_seen as (
    select product_id, metric_id, side, week_start_date, counted, last_seen_date, count(*) as key_count
    from seen
    group by product_id, metric_id, side, week_start_date, counted, last_seen_date
),

-- a key counts in the first week of a period that sees it, and in person-weeks in each
distinct_counts as (
    select
        product_id, metric_id, first_seen.side, {{ period }},
        {% for counted in ['person', 'thing', 'unit'] -%}
            coalesce(sum(key_count) filter (
                where counted = '{{ counted }}' and coalesce(last_seen_date < period_start_date, true)
            ), 0) as {{ counted }}_count,
            coalesce(sum(key_count) filter (where counted = '{{ counted }}'), 0) as {{ counted }}_week_count
            {{- ',' if not loop.last }}
        {% endfor %}
    from first_seen
    inner join period_weeks using (product_id, metric_id, week_start_date)
    group by product_id, metric_id, first_seen.side, {{ period }}
),

summed as (
    select
        product_id, metric_id, weekly.side, weekly.aggregate, {{ period }},
        {{ ordered('sum', 'weekly.amount_sum') }} as amount_sum,
        sum(weekly.item_count) as item_count
    from weekly
    inner join period_weeks using (product_id, metric_id, week_start_date)
    group by product_id, metric_id, weekly.side, weekly.aggregate, {{ period }}
)

select
    product_id, metric_id, side, period_grain, period_start_date,
    cast(case
        when aggregate not in ('distinct_people', 'distinct_subjects', 'distinct_actors') then amount_sum
        when aggregate = 'distinct_people'
            then case when recomputed.metric_id is null then person_week_count else person_count end
        when recomputed.metric_id is null then thing_week_count
        else thing_count
    end as {{ double_type() }}) as amount,
    cast(item_count as bigint) as item_count,
    cast(coalesce(person_count, 0) as bigint) as person_count,
    cast(coalesce(unit_count, 0) as bigint) as unit_count
from summed
left join distinct_counts using (product_id, metric_id, side, period_grain, period_start_date)
left join recomputed using (product_id, metric_id)
