-- one row per release, judged by its three criteria once its roll-back window is over
with

parameters as (
    select
        cast(coalesce(max(value) filter (where setting = 'rollback_window_days'), '7') as integer) as rollback_window_days,
        cast(coalesce(max(value) filter (where setting = 'devops_activity_limit'), '3') as integer) as devops_activity_limit,
        cast(coalesce(max(value) filter (where setting = 'coverage_minimum'), '0.8') as {{ double_type() }}) as coverage_minimum
    from {{ source('registry', 'settings') }}
),

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
    from {{ ref('int_events') }}
    where
        not is_heartbeat
        and event_type in (
            'release.published', 'release.rolled_back', 'devops_activity.logged', 'coverage.measured'
        )
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
        coalesce(sum(minutes) filter (where team = 'platform'), 0) as platform_minutes
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
),

judged as (
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
        measured.coverable,
        published.occurred_at + parameters.rollback_window_days * interval '1' day as judged_at,
        least(run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at)) as observed_until_at,
        parameters.devops_activity_limit,
        parameters.coverage_minimum
    from published
    cross join parameters
    cross join {{ source('registry', 'run_context') }} as run_context
    left join {{ source('registry', 'sources') }} as sources on published.source_id = sources.source_id
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
),

criteria as (
    select
        *,
        judged_at <= observed_until_at as is_judged,
        -- a roll-back exactly as the window ends is inside it
        coalesce(rolled_back_at > judged_at, true) as criterion_not_rolled_back,
        team_activity_count < devops_activity_limit as criterion_few_activities,
        {{ ratio('covered', 'coverable') }} >= coverage_minimum as criterion_coverage
    from judged
)

select
    product_id,
    source_id,
    release_id,
    published_at,
    week_start_date,
    segment_id,
    rolled_back_at,
    team_activity_count,
    platform_minutes,
    covered,
    coverable,
    is_judged,
    case when is_judged then criterion_not_rolled_back end as criterion_not_rolled_back,
    case when is_judged then criterion_few_activities end as criterion_few_activities,
    case when is_judged then criterion_coverage end as criterion_coverage,
    -- unknown coverage leaves the verdict unknown unless another criterion fails already
    case
        when is_judged then criterion_not_rolled_back and criterion_few_activities and criterion_coverage
    end as is_well_packaged
from criteria
