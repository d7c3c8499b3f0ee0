select
    {{ hashed_id('deployment_id') }} as item_id,
    product_id,
    source_id,
    service_id,
    environment,
    artifact_version,
    deployed_at,
    is_remediation,
    is_downgrade,
    is_failed,
    cast(failure_route as integer) as failure_route,
    is_rework
from {{ ref('int_deployments') }}
