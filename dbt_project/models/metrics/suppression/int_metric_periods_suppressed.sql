-- which periods may not be shown; the one place that everything served looks into
with

hidden as (
    select product_id, metric_id, period_grain, period_start_date, least_people
    from {{ ref('int_person_periods_suppressed') }}
),

-- another metric on the same counts would print what is hidden as a part of its own
sharing as (
    select distinct sides.product_id, sides.metric_id as hidden_metric_id, others.metric_id
    from {{ ref('int_metric_sides') }} as sides
    inner join {{ ref('int_metric_sides') }} as others
        on
            sides.product_id = others.product_id
            and sides.measure_id = others.measure_id
            and sides.metric_id <> others.metric_id
    inner join {{ ref('int_metric_least_people') }} as least_people
        on sides.metric_id = least_people.metric_id and least_people.is_of_people
),

-- and so would one that is computed from it
derived as (
    select metrics.metric_id, parents.metric_id as hidden_metric_id
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ source('registry', 'metrics') }} as parents
        on ';' || replace(metrics.derived_metric_ids, ' ', '') || ';' like '%;' || parents.metric_id || ';%'
    where metrics.kind = 'derived'
),

counted_alike as (
    select product_id, metric_id, period_grain, period_start_date, least_people
    from hidden
    union all
    select hidden.product_id, sharing.metric_id, hidden.period_grain, hidden.period_start_date, hidden.least_people
    from hidden
    inner join sharing on hidden.product_id = sharing.product_id and hidden.metric_id = sharing.hidden_metric_id
),

rows_of_all as (
    select product_id, metric_id, period_grain, period_start_date, least_people
    from counted_alike
    union all
    select
        counted_alike.product_id, derived.metric_id, counted_alike.period_grain, counted_alike.period_start_date,
        counted_alike.least_people
    from counted_alike
    inner join derived on counted_alike.metric_id = derived.hidden_metric_id
)

select product_id, metric_id, period_grain, period_start_date, max(least_people) as least_people
from rows_of_all
group by product_id, metric_id, period_grain, period_start_date
