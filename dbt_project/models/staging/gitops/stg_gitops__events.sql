with

changes as (
    select
        file_id,
        line_number,
        sha,
        {{ to_utc('committed_at') }} as committed_at,
        nullif(actor_hash, '') as actor_hash,
        actor_is_bot,
        nullif(environment, '') as environment,
        nullif(app, '') as app,
        change_type,
        nullif(old_image_tag, '') as old_image_tag,
        nullif(new_image_tag, '') as new_image_tag,
        coalesce(new_promote_deployment, '') as new_promote_deployment,
        coalesce(new_automatic_deploys_enabled, '') as new_automatic_deploys_enabled,
        coalesce(old_promote_deployment, '') <> coalesce(new_promote_deployment, '')
        or coalesce(old_automatic_deploys_enabled, '') <> coalesce(new_automatic_deploys_enabled, '')
        or coalesce(old_manual_deployment, '') <> coalesce(new_manual_deployment, '') as is_pin_changed,
        case
            when coalesce(sha, '') = '' or coalesce(environment, '') = '' or coalesce(app, '') = ''
                then 'missing_attribute'
            when {{ to_utc('committed_at') }} is null then 'unparsable_time'
        end as problem,
        'sha ' || coalesce(sha, '') || ', environment ' || coalesce(environment, '')
        || ', app ' || coalesce(app, '') || ', committed_at ' || coalesce(committed_at, '')
            as problem_detail
    from {{ source('raw', 'gitops__image_tag_changes') }}
),

-- What the row says about the image. A first tag is no deployment: the row appears when files
-- are split or an app is taken over, and the artefact was live before.
image_events as (
    select
        *,
        1 as event_number,
        case
            when old_image_tag <> new_image_tag then 'service.deployed'
            when change_type = 'delete' then 'deployment_config.removed'
            when old_image_tag is distinct from new_image_tag then 'image_tag.declared'
            else 'deployment_config.changed'
        end as event_type
    from changes
),

pin_events as (
    select
        *,
        2 as event_number,
        'deployment_pin.changed' as event_type
    from changes
    where is_pin_changed and change_type = 'modify'
),

events as (
    select * from image_events
    union all
    select * from pin_events
)

select
    {{ native_event({
        'connector': "'gitops'",
        'event_id': "sha || '/' || environment || '/' || app || '/' || event_type",
        'source_id': "'gitops'",
        'subject_id': 'app',
        'occurred_at': 'committed_at',
        'actor_id': 'actor_hash',
        'actor_kind': "case when actor_is_bot = '1' then 'bot' else 'human' end",
        'environment': 'environment',
        'correlation_id': 'sha',
        'data': json_document({
            'service': 'app',
            'artifact': 'new_image_tag',
            'old_artifact': 'old_image_tag',
            'change_type': 'change_type',
            'promote_deployment': 'new_promote_deployment',
            'automatic_deploys_enabled': 'new_automatic_deploys_enabled',
        }),
        'problem': 'problem',
        'problem_detail': 'problem_detail',
    }) }}
from events
