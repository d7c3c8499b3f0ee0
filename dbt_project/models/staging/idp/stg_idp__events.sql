with

changes as (
    select
        file_id,
        line_number,
        sha,
        cluster,
        namespace,
        user_hash,
        is_bot,
        namespace_event,
        committed_at,
        problem_detail,
        copy_count,
        is_bulk
    from {{ ref('stg_idp__namespace_changes') }}
),

events as (
    select
        *,
        1 as event_number,
        case
            when namespace_event = 'created' and copy_count <= 1 then 'namespace.created'
            when namespace_event = 'deleted' and copy_count <= 0 then 'namespace.deleted'
            when namespace_event in ('created', 'deleted') then 'namespace.moved'
            when is_bulk then 'namespace.bulk_changed'
            else 'namespace.changed'
        end as event_type
    from changes

    union all

    -- whoever changes namespaces by hand, few at a time, uses the platform
    select
        *,
        2 as event_number,
        'user.active' as event_type
    from changes
    where not is_bot and not is_bulk
)

select
    {{ native_event({
        'connector': "'idp'",
        'event_id': "sha || '/' || cluster || '/' || namespace || '/' || event_type",
        'source_id': "'idp'",
        'subject_id': 'namespace',
        'occurred_at': 'committed_at',
        'actor_id': 'user_hash',
        'actor_kind': "case when is_bot then 'bot' else 'human' end",
        'correlation_id': 'sha',
        'data': json_document({'cluster': 'cluster', 'is_bulk': 'is_bulk'}),
        'problem': "case
            when sha is null or cluster is null or namespace is null then 'missing_attribute'
            when committed_at is null then 'unparsable_time'
        end",
        'problem_detail': 'problem_detail',
    }) }}
from events
