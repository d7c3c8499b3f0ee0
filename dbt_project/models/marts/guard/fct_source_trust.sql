select
    source_id,
    week_start_date,
    grade,
    cast(worst_check_id as integer) as worst_check_id,
    reason
from {{ source('guard', 'source_trust') }}
