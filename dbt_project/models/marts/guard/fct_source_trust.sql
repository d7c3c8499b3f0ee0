select
    source_id,
    week_start_date,
    grade,
    cast(nullif(worst_check_id, 0) as integer) as worst_check_id,
    {{ without_addresses('reason') }} as reason
from {{ source('guard', 'source_trust') }}
