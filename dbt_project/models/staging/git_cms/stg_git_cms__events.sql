with

changes as (
    select
        file_id,
        line_number,
        sha,
        path,
        editor_hash,
        authored_at,
        landed_at,
        action,
        section,
        post_id,
        declared_date,
        is_made_in_cms,
        problem_detail,
        is_bulk,
        is_first_authored,
        is_first_landed
    from {{ ref('stg_git_cms__changes') }}
),

events as (
    select *, 1 as event_number, 'draft.created' as event_type, authored_at as occurred_at
    from changes
    where is_first_authored

    union all

    select *, 2 as event_number, 'content.published' as event_type, landed_at as occurred_at
    from changes
    where is_first_landed

    union all

    -- what happened to it later: migrations of the site move and rewrite posts in bulk, which
    -- neither publishes nor corrects them
    select
        *,
        3 as event_number,
        case
            when section <> 'post' then 'site_file.changed'
            when is_bulk then 'content.migrated'
            when action = 'delete' then 'content.removed'
            when action = 'rename' then 'content.renamed'
            else 'content.updated'
        end as event_type,
        landed_at as occurred_at
    from changes
    where not is_first_authored and not is_first_landed
)

select
    {{ native_event({
        'connector': "'git_cms'",
        'event_id': "sha || '/' || path || '/' || event_type",
        'source_id': "'git-cms'",
        'subject_id': 'coalesce(post_id, path)',
        'occurred_at': 'occurred_at',
        'actor_id': 'editor_hash',
        'actor_kind': "'human'",
        'correlation_id': 'sha',
        'data': json_document({
            'section': 'section',
            'action': 'action',
            'path': 'path',
            'declared_date': 'declared_date',
            'is_made_in_cms': 'is_made_in_cms',
            'is_bulk': 'is_bulk',
        }),
        'problem': "case
            when sha is null or path is null then 'missing_attribute'
            when occurred_at is null then 'unparsable_time'
        end",
        'problem_detail': 'problem_detail',
    }) }}
from events
