with

commits as (
    select
        file_id,
        line_number,
        repo,
        sha,
        nullif(author_hash, '') as author_hash,
        author_is_bot,
        -- with their offsets; some were authored after they were committed
        authored_at,
        committed_at,
        {{ to_utc('landed_at') }} as landed_at,
        landed_sha,
        nullif(pr_number, '') as pr_number,
        is_merge = '1' as is_merge,
        is_revert = '1' as is_revert,
        nullif(reverts_sha, '') as reverts_sha,
        case
            when coalesce(repo, '') = '' or coalesce(sha, '') = '' then 'missing_attribute'
            when {{ to_utc('landed_at') }} is null then 'unparsable_time'
        end as problem,
        'repo ' || coalesce(repo, '') || ', sha ' || coalesce(sha, '')
        || ', landed_at ' || coalesce(landed_at, '') as problem_detail
    from {{ source('raw', 'git__commits') }}
)

select
    {{ native_event({
        'connector': "'git'",
        'event_number': '1',
        'event_id': "repo || '/' || sha",
        'source_id': git_source_id('repo'),
        'event_type': "'change.landed'",
        'subject_id': 'sha',
        'occurred_at': 'landed_at',
        'actor_id': 'author_hash',
        'actor_kind': "case when author_is_bot = '1' then 'bot' else 'human' end",
        'correlation_id': 'landed_sha',
        'data': json_document({
            'service': git_service_id('repo'),
            'authored_at': 'authored_at',
            'committed_at': 'committed_at',
            'landed_sha': 'landed_sha',
            'pull_request': 'pr_number',
            'is_merge': 'is_merge',
            'is_revert': 'is_revert',
            'reverts_sha': 'reverts_sha',
        }),
        'problem': 'problem',
        'problem_detail': 'problem_detail',
    }) }}
from commits
