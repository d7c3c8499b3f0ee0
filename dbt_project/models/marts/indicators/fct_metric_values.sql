{#- times whose mean lies outside their log-normal interval aren't log-normal: they have none -#}
{%- set is_interval = "coalesce(ci_method, '') <> 'modified_cox' or value between ci_low and ci_high" -%}
with

periods as (
    select
        product_id, metric_id, segment_type, segment_value, period_grain, period_start_date,
        value, numerator, denominator, unit_count, person_count, open_count,
        case when {{ is_interval }} then ci_low end as ci_low,
        case when {{ is_interval }} then ci_high end as ci_high,
        case when {{ is_interval }} then ci_method end as ci_method, unit, is_ripe, is_provisional, no_value_reason,
        metric_version, as_of_at, cast(null as boolean) as is_hidden_segment
    from {{ ref('int_metric_periods') }}
    union all
    select
        product_id, metric_id, segment_type, segment_value, period_grain, period_start_date,
        value, numerator, denominator, unit_count, person_count, null as open_count,
        ci_low, ci_high, ci_method, unit, true as is_ripe, false as is_provisional, no_value_reason,
        metric_version, as_of_at, is_suppressed as is_hidden_segment
    from {{ ref('int_segment_values') }}
),

judged as (
    select
        product_id, metric_id, period_grain, period_start_date,
        ci_low, ci_high, ci_method, bound_low, bound_high, bound_reason
    from {{ ref('int_judged_intervals') }}
),

trusted as (
    select product_id, metric_id, period_grain, period_start_date, trust_grade, is_lost
    from {{ ref('int_metric_periods_trusted') }}
),

suppressed as (
    select product_id, metric_id, period_grain, period_start_date
    from {{ ref('int_metric_periods_suppressed') }}
),

last_trusted as (
    select
        product_id, metric_id, period_grain, period_start_date, last_trusted_value, last_trusted_period_start_date
    from {{ ref('int_last_trusted_values') }}
),

graded as (
    select
        periods.*,
        last_trusted.last_trusted_value,
        last_trusted.last_trusted_period_start_date,
        -- a period with too few units has no value, and no interval of it
        coalesce(periods.ci_low, case when periods.value is not null then judged.ci_low end) as any_ci_low,
        coalesce(periods.ci_high, case when periods.value is not null then judged.ci_high end) as any_ci_high,
        case
            when periods.ci_low is not null or periods.ci_high is not null then periods.ci_method
            when periods.value is not null then judged.ci_method
        end as any_ci_method,
        judged.bound_low, judged.bound_high, judged.bound_reason, trusted.trust_grade, trusted.is_lost,
        suppressed.product_id is not null or coalesce(periods.is_hidden_segment, false) as is_suppressed,
        suppressed.product_id is null and not coalesce(periods.is_hidden_segment, false)
        and trusted.trust_grade <> 'D' as is_shown
    from periods
    inner join trusted
        on periods.product_id = trusted.product_id
        and periods.metric_id = trusted.metric_id
        and periods.period_grain = trusted.period_grain
        and periods.period_start_date = trusted.period_start_date
    left join suppressed
        on periods.product_id = suppressed.product_id
        and periods.metric_id = suppressed.metric_id
        and periods.period_grain = suppressed.period_grain
        and periods.period_start_date = suppressed.period_start_date
    left join last_trusted
        on periods.product_id = last_trusted.product_id
        and periods.metric_id = last_trusted.metric_id
        and periods.period_grain = last_trusted.period_grain
        and periods.period_start_date = last_trusted.period_start_date
        and periods.segment_type = 'all'
    left join judged
        on periods.product_id = judged.product_id
        and periods.metric_id = judged.metric_id
        and periods.period_grain = judged.period_grain
        and periods.period_start_date = judged.period_start_date
        and periods.segment_type = 'all'
)

select
    product_id,
    metric_id,
    segment_type,
    segment_value,
    period_grain,
    period_start_date,
    case when is_shown then cast(value as {{ double_type() }}) end as value,
    case when is_shown then cast(numerator as {{ double_type() }}) end as numerator,
    case when is_shown then cast(denominator as {{ double_type() }}) end as denominator,
    case when is_shown then cast(unit_count as bigint) end as unit_count,
    case when is_shown then cast(person_count as bigint) end as person_count,
    case when is_shown then cast(open_count as bigint) end as open_count,
    case when is_shown then cast(any_ci_low as {{ double_type() }}) end as ci_low,
    case when is_shown then cast(any_ci_high as {{ double_type() }}) end as ci_high,
    case when is_shown then any_ci_method end as ci_method,
    case when is_shown then cast(bound_low as {{ double_type() }}) end as bound_low,
    case when is_shown then cast(bound_high as {{ double_type() }}) end as bound_high,
    case when is_shown then bound_reason end as bound_reason,
    unit,
    is_ripe,
    is_provisional,
    {{ is_due('is_ripe', 'is_provisional', 'is_lost') }} as is_due,
    is_suppressed,
    case
        when is_suppressed then 'suppressed'
        when not is_shown then 'withheld'
        else no_value_reason
    end as no_value_reason,
    trust_grade,
    cast(last_trusted_value as {{ double_type() }}) as last_trusted_value,
    last_trusted_period_start_date,
    cast(metric_version as integer) as metric_version,
    as_of_at
from graded
