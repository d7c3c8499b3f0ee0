select
    {{ hashed_id("product_id || '|' || source_id || '|' || cast(outage_number as varchar)") }}
        as item_id,
    product_id,
    source_id,
    cast(outage_number as bigint) as outage_number,
    started_at,
    ended_at,
    cast(incident_count as bigint) as incident_count,
    is_user_detected
from {{ ref('int_outages') }}
