select
    product_id,
    product_name,
    owner_team,
    cast(user_count as bigint) as user_count,
    is_captive,
    has_user_interface,
    org_level,
    cast(registry_line as bigint) as registry_line
from {{ source('registry', 'products') }}
