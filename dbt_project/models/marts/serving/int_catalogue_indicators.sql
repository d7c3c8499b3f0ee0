-- each metric or diagnostic that names entries of the catalogue, and what keeps it from having a value
with

metrics as (
    select metric_id, natural_period, catalogue_ids
    from {{ source('registry', 'metrics') }}
    where catalogue_ids is not null
),

diagnostics as (
    select diagnostic_id, catalogue_ids
    from {{ source('registry', 'diagnostics') }}
    where catalogue_ids is not null
),

event_counts as (
    select product_id, event_type, sum(event_count) as event_count
    from {{ ref('int_source_event_counts') }}
    group by product_id, event_type
),

needed as (
    select product_id, metric_id, event_type
    from {{ ref('int_metric_event_types') }}
    where is_required
    union
    select product_id, metric_id, event_type
    from {{ ref('int_metric_lineage') }}
    where is_required
),

lacking as (
    select
        needed.product_id,
        needed.metric_id,
        string_agg(distinct needed.event_type, ';' order by needed.event_type) as lacking_event_types
    from needed
    left join event_counts
        on needed.product_id = event_counts.product_id and needed.event_type = event_counts.event_type
    where coalesce(event_counts.event_count, 0) = 0
    group by needed.product_id, needed.metric_id
),

periods as (
    select
        product_id,
        metric_id,
        period_grain,
        count(*) filter (where value is not null) as value_count,
        count(distinct case when value is not null and is_ripe then period_start_date end) as ripe_value_count,
        string_agg(distinct no_value_reason, ';' order by no_value_reason) as no_value_reasons
    from {{ ref('fct_metric_values') }}
    group by product_id, metric_id, period_grain
),

measured as (
    select
        product_metrics.product_id,
        metrics.metric_id,
        lacking.lacking_event_types,
        coalesce(sum(periods.value_count), 0) as value_count,
        coalesce(max(case when periods.period_grain = metrics.natural_period then periods.ripe_value_count end), 0)
            as period_count,
        max(case when periods.period_grain = metrics.natural_period then periods.no_value_reasons end)
            as no_value_reasons
    from metrics
    inner join {{ ref('int_product_metrics') }} as product_metrics on metrics.metric_id = product_metrics.metric_id
    left join lacking
        on product_metrics.product_id = lacking.product_id and metrics.metric_id = lacking.metric_id
    left join periods
        on product_metrics.product_id = periods.product_id and metrics.metric_id = periods.metric_id
    group by product_metrics.product_id, metrics.metric_id, lacking.lacking_event_types
),

metric_states as (
    select
        metrics.metric_id as indicator_id,
        metrics.catalogue_ids,
        coalesce(bool_or(measured.lacking_event_types is null and measured.value_count > 0), false) as is_computed,
        max(measured.period_count) as period_count,
        case
            when count(measured.product_id) = 0 then 'is computed for no product'
            when bool_and(measured.lacking_event_types is not null)
                then 'never received ' || replace(max(measured.lacking_event_types), ';', ', ')
            else 'has no value' || coalesce(': ' || replace(max(measured.no_value_reasons), ';', ', '), '')
        end as problem
    from metrics
    left join measured on metrics.metric_id = measured.metric_id
    group by metrics.metric_id, metrics.catalogue_ids
),

diagnostic_states as (
    select
        diagnostics.diagnostic_id as indicator_id,
        diagnostics.catalogue_ids,
        coalesce(bool_or(reasons.share is not null), false) as is_computed,
        cast(null as bigint) as period_count,
        'has no row to show' as problem
    from diagnostics
    left join {{ ref('fct_diagnostics') }} as reasons on diagnostics.diagnostic_id = reasons.diagnostic_id
    group by diagnostics.diagnostic_id, diagnostics.catalogue_ids
)

select indicator_id, is_computed, period_count, problem, {{ parts_of('catalogue_ids') }} as entry_id
from metric_states
union all
select indicator_id, is_computed, period_count, problem, {{ parts_of('catalogue_ids') }} as entry_id
from diagnostic_states
