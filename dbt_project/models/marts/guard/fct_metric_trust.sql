select
    product_id,
    metric_id,
    week_start_date,
    grade,
    source_id,
    {{ without_addresses('reason') }} as reason,
    repair_hint
from {{ source('guard', 'metric_trust') }}
