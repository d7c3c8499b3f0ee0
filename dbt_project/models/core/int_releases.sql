-- one row per release, judged by its three criteria once its roll-back window is over
with

parameters as (
    select
        cast(coalesce(max(value) filter (where setting = 'rollback_window_days'), '7') as integer) as rollback_window_days,
        cast(coalesce(max(value) filter (where setting = 'devops_activity_limit'), '3') as integer) as devops_activity_limit,
        cast(coalesce(max(value) filter (where setting = 'coverage_minimum'), '0.8') as {{ double_type() }}) as coverage_minimum
    from {{ source('registry', 'settings') }}
),

judged as (
    select
        facts.product_id,
        facts.source_id,
        facts.release_id,
        facts.published_at,
        facts.week_start_date,
        facts.segment_id,
        facts.rolled_back_at,
        facts.team_activity_count,
        facts.platform_minutes,
        facts.covered,
        facts.coverable,
        facts.published_at + parameters.rollback_window_days * interval '1' day as judged_at,
        least(run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at)) as observed_until_at,
        parameters.devops_activity_limit,
        parameters.coverage_minimum
    from {{ ref('int_release_facts') }} as facts
    cross join parameters
    cross join {{ source('registry', 'run_context') }} as run_context
    left join {{ source('registry', 'sources') }} as sources on facts.source_id = sources.source_id
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
