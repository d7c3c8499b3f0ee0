-- weeks of metrics that count what is open that may be shown: the roster is the one that was published,
-- nobody more and nobody less
with

published as (
    select published.product_id, published.metric_id, published.week_start_date, published.person_key, published.sides
    from {{ ref('int_published_rosters') }} as published
    inner join {{ source('registry', 'metrics') }} as metrics
        on published.metric_id = metrics.metric_id and published.metric_version = metrics.metric_version
    where
        published.run_id in (select run_id from {{ source('state', 'publications') }})
        or published.run_id in (select run_id from {{ source('registry', 'run_context') }})
),

rosters as (
    select product_id, metric_id, week_start_date, person_key, sides
    from {{ ref('int_rosters') }}
)

select
    coalesce(rosters.product_id, published.product_id) as product_id,
    coalesce(rosters.metric_id, published.metric_id) as metric_id,
    coalesce(rosters.week_start_date, published.week_start_date) as week_start_date
from rosters
full outer join published
    on
        rosters.product_id = published.product_id
        and rosters.metric_id = published.metric_id
        and rosters.week_start_date = published.week_start_date
        and rosters.person_key = published.person_key
        and rosters.sides = published.sides
group by 1, 2, 3
having count(rosters.person_key) = count(*) and count(published.person_key) = count(*)
