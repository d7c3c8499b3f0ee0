-- which segments of a period are hidden, and why: those below the rules, and then the smallest of the
-- others until the hidden ones together are two or more and pass the rules themselves
with

prefixes as (
    select
        product_id, metric_id, segment_type, segment_value, period_grain, period_start_date,
        hide_rank, primary_count, primary_reason,
        count(*) over (partition by product_id, metric_id, period_start_date) as segment_count,
        hide_rank >= greatest(primary_count, 2) and {{ primary_reason(
            'person_count', 'least_people', 'kind', 'numerator', 'denominator', 'top_share'
        ) }} is null as is_enough
    from {{ ref('int_segment_prefixes') }}
),

decided as (
    select
        *,
        case
            when primary_count = 0 then 0
            else coalesce(
                min(case when is_enough then hide_rank end) over (partition by product_id, metric_id, period_start_date),
                segment_count
            )
        end as hidden_count
    from prefixes
),

-- what is hidden as a whole has no parts to show
parents as (
    select product_id, metric_id, period_grain, period_start_date
    from {{ ref('int_metric_periods_suppressed') }}
)

select
    decided.product_id,
    decided.metric_id,
    decided.segment_type,
    decided.segment_value,
    decided.period_grain,
    decided.period_start_date,
    decided.hide_rank,
    -- the pool may be shown where it passes the rules and something is left beside it
    decided.is_enough and decided.hide_rank = decided.hidden_count
    and decided.hidden_count < decided.segment_count and parents.product_id is null as is_pool_end,
    case
        when parents.product_id is not null then 'whole_is_hidden'
        when decided.primary_reason is not null then decided.primary_reason
        else 'complementary'
    end as reason
from decided
left join parents
    on
        decided.product_id = parents.product_id
        and decided.metric_id = parents.metric_id
        and decided.period_grain = parents.period_grain
        and decided.period_start_date = parents.period_start_date
where decided.hide_rank <= decided.hidden_count or parents.product_id is not null
