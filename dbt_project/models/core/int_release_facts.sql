-- one row per release with what happened to it: first publication, first roll-back, work by hand, coverage
with

events as (
    select
        product_id,
        source_id,
        event_id,
        event_type,
        case
            when event_type = 'devops_activity.logged' then coalesce({{ json_text('data', "'release_id'") }}, subject_id)
            else subject_id
        end as release_id,
        occurred_at,
        received_at,
        week_start_date,
        segment_id,
        {{ json_text('data', "'team'") }} as team,
        {{ safe_number(json_text('data', "'minutes'")) }} as minutes,
        {{ safe_number(json_text('data', "'covered'")) }} as covered,
        {{ safe_number(json_text('data', "'coverable'")) }} as coverable
    from {{ ref('int_events_of_facts') }}
    where
        event_type in ('release.published', 'release.rolled_back', 'devops_activity.logged', 'coverage.measured')
        and not is_heartbeat
),

-- the first publication counts
published as (
    select
        *,
        row_number() over (
            partition by product_id, release_id order by occurred_at, received_at, source_id, event_id
        ) as publication_number
    from events
    where event_type = 'release.published'
),

rollbacks as (
    select published.product_id, published.release_id, min(events.occurred_at) as rolled_back_at
    from published
    inner join events
        on
            published.product_id = events.product_id
            and published.release_id = events.release_id
            and events.event_type = 'release.rolled_back'
            and events.occurred_at >= published.occurred_at
    where published.publication_number = 1
    group by published.product_id, published.release_id
),

activities as (
    select
        product_id,
        release_id,
        count(*) filter (where team = 'product') as team_activity_count,
        coalesce({{ ordered('sum', 'minutes') }} filter (where team = 'platform'), 0) as platform_minutes
    from events
    where event_type = 'devops_activity.logged'
    group by product_id, release_id
),

-- the latest measurement counts, the publication's own included
measured as (
    select
        *,
        row_number() over (
            partition by product_id, release_id order by occurred_at desc, received_at desc, source_id, event_id
        ) as measurement_number
    from events
    where coverable is not null and event_type in ('release.published', 'coverage.measured')
)

select
    published.product_id,
    published.source_id,
    published.release_id,
    published.occurred_at as published_at,
    published.week_start_date,
    published.segment_id,
    rollbacks.rolled_back_at,
    coalesce(activities.team_activity_count, 0) as team_activity_count,
    coalesce(activities.platform_minutes, 0) as platform_minutes,
    measured.covered,
    measured.coverable
from published
left join rollbacks
    on published.product_id = rollbacks.product_id and published.release_id = rollbacks.release_id
left join activities
    on published.product_id = activities.product_id and published.release_id = activities.release_id
left join measured
    on
        published.product_id = measured.product_id
        and published.release_id = measured.release_id
        and measured.measurement_number = 1
where published.publication_number = 1
