-- what a side of a metric adds up to in a period, from its items
with

sides as (
    select sides.product_id, sides.metric_id, sides.side, sides.measure_id, sides.aggregate, sides.kind, metrics.subject_kind
    from {{ ref('int_metric_sides') }} as sides
    inner join {{ source('registry', 'metrics') }} as metrics on sides.metric_id = metrics.metric_id
    where sides.aggregate <> 'open_at_period_end' and sides.kind <> 'quantile'
),

-- distinct counts are recomputed from items where every side is one; beside a side that adds up they
-- are exposure (person-weeks) and add up as well
recomputed as (
    select product_id, metric_id
    from sides
    group by product_id, metric_id
    having bool_and(aggregate in ('distinct_people', 'distinct_subjects', 'distinct_actors'))
),

period_weeks as (
    select product_id, metric_id, period_grain, period_start_date, week_start_date
    from {{ ref('int_metric_period_weeks') }}
    where is_added
),

items as (
    select product_id, measure_id, week_start_date, subject_id, person_id, unit_key, amount
    from {{ ref('int_measure_values') }}
),

-- keys are needed only where something distinct is counted
summed as (
    select
        sides.product_id,
        sides.metric_id,
        sides.side,
        period_weeks.period_grain,
        period_weeks.period_start_date,
        sides.aggregate,
        {{ ordered('sum', 'items.amount') }} as amount_sum,
        count(*) as item_count,
        count(distinct case when sides.subject_kind = 'person' or sides.aggregate = 'distinct_people' then items.person_id end)
            as person_count,
        -- the unit of distinct actors is the actor
        count(distinct case sides.aggregate
            when 'distinct_subjects' then items.subject_id when 'distinct_actors' then items.unit_key
        end) as thing_count,
        count(distinct case when sides.kind = 'ratio_of_sums' then items.unit_key end) as unit_count
    from sides
    inner join items on sides.product_id = items.product_id and sides.measure_id = items.measure_id
    inner join period_weeks
        on
            sides.product_id = period_weeks.product_id
            and sides.metric_id = period_weeks.metric_id
            and items.week_start_date = period_weeks.week_start_date
    group by
        sides.product_id, sides.metric_id, sides.side, sides.aggregate,
        period_weeks.period_grain, period_weeks.period_start_date
),

weekly_distinct as (
    select
        product_id,
        metric_id,
        side,
        period_start_date as week_start_date,
        case aggregate when 'distinct_people' then person_count else thing_count end as distinct_count
    from summed
    where period_grain = 'week' and aggregate in ('distinct_people', 'distinct_subjects', 'distinct_actors')
),

readded as (
    select
        weekly_distinct.product_id,
        weekly_distinct.metric_id,
        weekly_distinct.side,
        period_weeks.period_grain,
        period_weeks.period_start_date,
        sum(weekly_distinct.distinct_count) as distinct_count
    from weekly_distinct
    inner join period_weeks
        on
            weekly_distinct.product_id = period_weeks.product_id
            and weekly_distinct.metric_id = period_weeks.metric_id
            and weekly_distinct.week_start_date = period_weeks.week_start_date
    group by
        weekly_distinct.product_id, weekly_distinct.metric_id, weekly_distinct.side,
        period_weeks.period_grain, period_weeks.period_start_date
)

select
    summed.product_id,
    summed.metric_id,
    summed.side,
    summed.period_grain,
    summed.period_start_date,
    cast(case
        when summed.aggregate not in ('distinct_people', 'distinct_subjects', 'distinct_actors') then summed.amount_sum
        when recomputed.metric_id is null then readded.distinct_count
        when summed.aggregate = 'distinct_people' then summed.person_count
        else summed.thing_count
    end as {{ double_type() }}) as amount,
    summed.item_count,
    summed.person_count,
    summed.unit_count
from summed
left join recomputed
    on summed.product_id = recomputed.product_id and summed.metric_id = recomputed.metric_id
left join readded
    on
        summed.product_id = readded.product_id
        and summed.metric_id = readded.metric_id
        and summed.side = readded.side
        and summed.period_grain = readded.period_grain
        and summed.period_start_date = readded.period_start_date
