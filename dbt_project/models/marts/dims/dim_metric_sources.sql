select
    product_id,
    metric_id,
    side,
    source_id,
    event_type,
    is_required,
    cast(event_count as bigint) as event_count
from {{ ref('int_metric_lineage') }}
