select
    source_id,
    event_type,
    week_start_date,
    cast(check_id as integer) as check_id,
    check_name,
    cast(severity as integer) as severity,
    cast(statistic as {{ double_type() }}) as statistic,
    cast(n as bigint) as n,
    cast(p_value as {{ double_type() }}) as p_value,
    cast(expected as {{ double_type() }}) as expected,
    defect,
    note
from {{ source('guard', 'instrument_checks') }}
