-- numerator and denominator of metrics built on measures, per period
with

periods as (
    select
        product_id,
        metric_id,
        period_grain,
        period_start_date,
        max(week_start_date) filter (where is_added) as last_week_start_date,
        count(*) filter (where is_added) as added_week_count
    from {{ ref('int_metric_period_weeks') }}
    group by product_id, metric_id, period_grain, period_start_date
),

metrics as (
    select
        metric_id,
        kind,
        denominator_measure_id is null as is_per_period,
        case natural_period when 'fortnight' then 2 when 'four_weeks' then 4 when 'thirteen_weeks' then 13 else 1 end
            as natural_week_count
    from {{ source('registry', 'metrics') }}
    where kind in ('proportion', 'count_rate', 'ratio_of_sums', 'stock') and custom_model is null
),

-- a stock takes the value of the last week of the period
side_sums as (
    select product_id, metric_id, side, period_grain, period_start_date, amount, item_count, person_count, unit_count
    from {{ ref('int_metric_side_sums') }}
    union all
    select
        stocks.product_id,
        stocks.metric_id,
        stocks.side,
        periods.period_grain,
        periods.period_start_date,
        cast(stocks.open_count as {{ double_type() }}) as amount,
        stocks.open_count as item_count,
        stocks.person_count,
        stocks.open_count as unit_count
    from {{ ref('int_stock_values') }} as stocks
    inner join periods
        on
            stocks.product_id = periods.product_id
            and stocks.metric_id = periods.metric_id
            and stocks.week_start_date = periods.last_week_start_date
),

paired as (
    select
        periods.product_id,
        periods.metric_id,
        metrics.kind,
        metrics.is_per_period,
        periods.period_grain,
        periods.period_start_date,
        coalesce(numerators.amount, 0) as numerator,
        case
            when metrics.kind = 'stock' then null
            -- a count without a denominator is a rate per natural period: a week adds its part of one
            when metrics.is_per_period then cast(periods.added_week_count as {{ double_type() }}) / metrics.natural_week_count
            else denominators.amount
        end as denominator,
        coalesce(numerators.item_count, 0) as numerator_item_count,
        coalesce(denominators.item_count, 0) as denominator_item_count,
        coalesce(denominators.unit_count, 0) as denominator_unit_count,
        -- a roster that comes as a number names nobody: the people of the other side count then
        greatest(coalesce(numerators.person_count, 0), coalesce(denominators.person_count, 0)) as person_count,
        periods.added_week_count
    from periods
    inner join metrics on periods.metric_id = metrics.metric_id
    left join side_sums as numerators
        on
            periods.product_id = numerators.product_id
            and periods.metric_id = numerators.metric_id
            and periods.period_grain = numerators.period_grain
            and periods.period_start_date = numerators.period_start_date
            and numerators.side = 'numerator'
    left join side_sums as denominators
        on
            periods.product_id = denominators.product_id
            and periods.metric_id = denominators.metric_id
            and periods.period_grain = denominators.period_grain
            and periods.period_start_date = denominators.period_start_date
            and denominators.side = 'denominator'
)

select
    product_id,
    metric_id,
    period_grain,
    period_start_date,
    case when added_week_count > 0 then numerator end as numerator,
    case when added_week_count > 0 then denominator end as denominator,
    cast(null as {{ double_type() }}) as sum_squares,
    case kind
        when 'proportion' then coalesce(cast(round(denominator) as bigint), 0)
        when 'ratio_of_sums' then denominator_unit_count
        when 'count_rate' then case when is_per_period then numerator_item_count else denominator_item_count end
        else numerator_item_count
    end as unit_count,
    coalesce(person_count, 0) as person_count,
    cast(null as bigint) as open_count
from paired
