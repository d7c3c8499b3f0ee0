-- rosters as they were published, week after week: a roster goes out if nobody or at least k people
-- changed since the last one that did. Append-only, and kept by a full rebuild
{{ config(materialized='incremental', incremental_strategy='append', schema='state', full_refresh=false) }}

with recursive

least_people as (
    select metrics.metric_id, metrics.metric_version, least_people.least_people
    from {{ source('registry', 'metrics') }} as metrics
    inner join {{ ref('int_metric_least_people') }} as least_people on metrics.metric_id = least_people.metric_id
),

-- what a run that failed wrote down was seen by nobody
known as (
    {% if is_incremental() -%}
    select product_id, metric_id, metric_version, week_start_date, person_key, sides
    from {{ this }}
    where run_id in (select run_id from {{ source('state', 'publications') }})
    {%- else -%}
    select
        cast(null as varchar) as product_id, cast(null as varchar) as metric_id,
        cast(null as integer) as metric_version, cast(null as date) as week_start_date,
        cast(null as varchar) as person_key, cast(null as varchar) as sides
    where false
    {%- endif %}
),

last_published as (
    select product_id, metric_id, metric_version, max(week_start_date) as week_start_date
    from known
    group by product_id, metric_id, metric_version
),

people as (
    select
        rosters.product_id, rosters.metric_id, least_people.metric_version, rosters.week_start_date,
        rosters.person_key, rosters.sides
    from {{ ref('int_rosters') }} as rosters
    inner join least_people on rosters.metric_id = least_people.metric_id
    left join last_published
        on
            rosters.product_id = last_published.product_id
            and rosters.metric_id = last_published.metric_id
            and least_people.metric_version = last_published.metric_version
    where last_published.week_start_date is null or rosters.week_start_date > last_published.week_start_date
    union all
    select
        known.product_id, known.metric_id, known.metric_version, known.week_start_date,
        known.person_key, known.sides
    from known
    inner join last_published
        on
            known.product_id = last_published.product_id
            and known.metric_id = last_published.metric_id
            and known.metric_version = last_published.metric_version
            and known.week_start_date = last_published.week_start_date
),

weeks as (
    select
        product_id, metric_id, metric_version, week_start_date, count(*) as person_count,
        row_number() over (partition by product_id, metric_id, metric_version order by week_start_date) as week_number
    from people
    group by product_id, metric_id, metric_version, week_start_date
),

pairs as (
    select
        earlier.product_id, earlier.metric_id, earlier.metric_version,
        earlier.week_start_date as earlier_date, later.week_start_date as later_date,
        -- who is in both, and who is in both in the same way
        count(*) + count(*) filter (where earlier.sides = later.sides) as same_count
    from people as earlier
    inner join people as later
        on
            earlier.product_id = later.product_id
            and earlier.metric_id = later.metric_id
            and earlier.metric_version = later.metric_version
            and earlier.person_key = later.person_key
            and earlier.week_start_date < later.week_start_date
    group by
        earlier.product_id, earlier.metric_id, earlier.metric_version, earlier.week_start_date, later.week_start_date
),

-- from week to week, with the last roster that went out
walk as (
    select
        product_id, metric_id, metric_version, cast(0 as bigint) as week_number,
        cast(null as date) as shown_date, cast(0 as bigint) as shown_count
    from weeks
    where week_number = 1
    union all
    select
        walk.product_id, walk.metric_id, walk.metric_version, weeks.week_number,
        case when {{ roster_may_go_out() }} then weeks.week_start_date else walk.shown_date end as shown_date,
        case when {{ roster_may_go_out() }} then weeks.person_count else walk.shown_count end as shown_count
    from walk
    inner join weeks
        on
            walk.product_id = weeks.product_id
            and walk.metric_id = weeks.metric_id
            and walk.metric_version = weeks.metric_version
            and walk.week_number + 1 = weeks.week_number
    inner join least_people on walk.metric_id = least_people.metric_id
    left join pairs
        on
            walk.product_id = pairs.product_id
            and walk.metric_id = pairs.metric_id
            and walk.metric_version = pairs.metric_version
            and walk.shown_date = pairs.earlier_date
            and weeks.week_start_date = pairs.later_date
)

select distinct
    people.product_id, people.metric_id, people.metric_version, people.week_start_date, people.person_key,
    people.sides, run_context.run_id, run_context.as_of_at
from people
inner join walk
    on
        people.product_id = walk.product_id
        and people.metric_id = walk.metric_id
        and people.metric_version = walk.metric_version
        and people.week_start_date = walk.shown_date
cross join {{ source('registry', 'run_context') }} as run_context
left join last_published
    on
        people.product_id = last_published.product_id
        and people.metric_id = last_published.metric_id
        and people.metric_version = last_published.metric_version
where last_published.week_start_date is null or people.week_start_date > last_published.week_start_date
