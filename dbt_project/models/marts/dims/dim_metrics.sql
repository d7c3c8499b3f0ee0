with

metrics as (
    select
        metric_id, metric_name, kind, statistic, unit, direction, natural_period, subject_kind,
        indicator_kind, catalogue_ids, definition, metric_version, tau_hours, clock
    from {{ source('registry', 'metrics') }}
),

measured as (
    select distinct metric_id from {{ ref('int_metric_periods') }}
),

-- a duration's companions are generated beside it: mean and p90 of the finished, and the median
companions as (
    select
        measured.metric_id,
        metrics.metric_id as companion_of_metric_id,
        substr(measured.metric_id, length(metrics.metric_id) + 2) as companion
    from measured
    inner join metrics
        on measured.metric_id in (
            metrics.metric_id || '_finished_mean',
            metrics.metric_id || '_finished_p90',
            metrics.metric_id || '_median'
        )
    where metrics.kind = 'duration'
),

named as (
    select metric_id as named_metric_id, metric_id, cast(null as varchar) as companion
    from metrics
    union all
    select metric_id, companion_of_metric_id, companion
    from companions
)

select
    named.named_metric_id as metric_id,
    case named.companion
        when 'finished_mean' then metrics.metric_name || ', mean of the finished'
        when 'finished_p90' then metrics.metric_name || ', p90 of the finished'
        when 'median' then metrics.metric_name || ', median'
        else metrics.metric_name
    end as metric_name,
    case when named.companion is not null then metrics.metric_id end as companion_of_metric_id,
    metrics.kind,
    metrics.statistic,
    metrics.unit,
    metrics.direction,
    metrics.natural_period,
    metrics.subject_kind,
    metrics.indicator_kind,
    metrics.catalogue_ids,
    metrics.definition,
    cast(metrics.metric_version as integer) as metric_version,
    cast(metrics.tau_hours as double) as tau_hours,
    case when metrics.kind = 'duration' then coalesce(metrics.clock, 'calendar') end as clock,
    -- parts of the others can't be re-added: read the published longer period instead
    metrics.kind in ('duration', 'proportion', 'count_rate', 'ratio_of_sums', 'reliability')
    and coalesce(named.companion, 'finished_mean') = 'finished_mean' as is_additive
from named
inner join metrics on named.metric_id = metrics.metric_id
