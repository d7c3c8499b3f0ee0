with

releases as (
    select
        release_id, product_id, published_at, rolled_back_at, team_activity_count, covered, coverable, is_judged,
        criterion_not_rolled_back, criterion_few_activities, criterion_coverage, is_well_packaged
    from {{ ref('int_releases') }}
),

-- how often people had to act by hand, release by release, would add up to a week that is hidden
secret as (
    select distinct product_id
    from {{ ref('int_person_event_types') }}
    where event_type = 'devops_activity.logged' and is_hidden and not is_beside
)

select
    {{ hashed_id('releases.release_id') }} as item_id,
    releases.product_id,
    releases.published_at,
    releases.rolled_back_at,
    case when secret.product_id is null then cast(releases.team_activity_count as bigint) end as team_activity_count,
    cast(releases.covered as {{ double_type() }}) as covered,
    cast(releases.coverable as {{ double_type() }}) as coverable,
    releases.is_judged,
    releases.criterion_not_rolled_back,
    releases.criterion_few_activities,
    releases.criterion_coverage,
    releases.is_well_packaged
from releases
left join secret on releases.product_id = secret.product_id
