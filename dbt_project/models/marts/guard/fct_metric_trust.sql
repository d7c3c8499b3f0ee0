select
    product_id,
    metric_id,
    week_start_date,
    grade,
    source_id,
    {{ without_addresses('reason') }} as reason,
    repair_hint,
    catch_up_hint,
    check_id
from {{ source('guard', 'metric_trust') }}
