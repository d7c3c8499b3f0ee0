select
    {{ hashed_id('release_id') }} as item_id,
    product_id,
    published_at,
    rolled_back_at,
    cast(team_activity_count as bigint) as team_activity_count,
    cast(covered as {{ double_type() }}) as covered,
    cast(coverable as {{ double_type() }}) as coverable,
    is_judged,
    criterion_not_rolled_back,
    criterion_few_activities,
    criterion_coverage,
    is_well_packaged
from {{ ref('int_releases') }}
