-- which events of which sources stand behind a product's metric, by side
with

metrics as (
    select metric_id, kind, ';' || replace(derived_metric_ids, ' ', '') || ';' as parent_list
    from {{ source('registry', 'metrics') }}
),

product_metrics as (
    select product_id, metric_id from {{ ref('int_product_metrics') }}
),

needed as (
    select product_id, metric_id, side, event_type, is_required
    from {{ ref('int_metric_event_types') }}
),

-- a source stands behind a metric if the plan names it or if it did contribute
planned as (
    select distinct sources.product_id, sources.source_id, tracking_plan.event_type
    from {{ source('registry', 'tracking_plan') }} as tracking_plan
    inner join {{ source('registry', 'sources') }} as sources on tracking_plan.source_id = sources.source_id
    where tracking_plan.role not in ('ignored', 'heartbeat')
),

emitters as (
    select product_id, source_id, event_type from planned
    union
    select product_id, source_id, event_type from {{ ref('int_source_event_counts') }}
),

direct as (
    select
        needed.product_id,
        needed.metric_id,
        needed.side,
        emitters.source_id,
        needed.event_type,
        needed.is_required,
        coalesce(counts.event_count, 0) as event_count
    from needed
    inner join emitters on needed.product_id = emitters.product_id and needed.event_type = emitters.event_type
    left join {{ ref('int_source_event_counts') }} as counts
        on
            emitters.product_id = counts.product_id
            and emitters.source_id = counts.source_id
            and emitters.event_type = counts.event_type
),

{% for level in [1, 2, 3] %}
inherited_{{ level }} as (
    select
        direct.product_id, metrics.metric_id, direct.side, direct.source_id, direct.event_type,
        direct.is_required, direct.event_count
    from {{ 'direct' if loop.first else 'inherited_' ~ (level - 1) ~ ' as direct' }}
    inner join metrics on metrics.kind = 'derived' and metrics.parent_list like '%;' || direct.metric_id || ';%'
    inner join product_metrics
        on direct.product_id = product_metrics.product_id and metrics.metric_id = product_metrics.metric_id
),

{% endfor %}
all_lineage as (
    select * from direct
    {% for level in [1, 2, 3] %}
    union all
    select * from inherited_{{ level }}
    {% endfor %}
)

select
    product_id,
    metric_id,
    side,
    source_id,
    event_type,
    bool_or(is_required) as is_required,
    max(event_count) as event_count
from all_lineage
group by product_id, metric_id, side, source_id, event_type
