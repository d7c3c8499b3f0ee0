select
    product_id,
    metric_id,
    side,
    source_id,
    event_type,
    is_required,
    -- not how many: a total less what is shown would count what is hidden
    event_count > 0 as has_come
from {{ ref('int_metric_lineage') }}
