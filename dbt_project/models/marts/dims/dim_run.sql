select
    run_id,
    as_of_at,
    code_version,
    reporting_time_zone
from {{ source('registry', 'run_context') }}
