with

tags as (
    select
        file_id,
        line_number,
        repo,
        tag,
        tag_type,
        commit_sha,
        {{ to_utc('created_at') }} as created_at,
        on_main_history = 'y' as is_on_main_line,
        case
            when coalesce(repo, '') = '' or coalesce(tag, '') = '' then 'missing_attribute'
            when {{ to_utc('created_at') }} is null then 'unparsable_time'
        end as problem,
        'repo ' || coalesce(repo, '') || ', tag ' || coalesce(tag, '')
        || ', created_at ' || coalesce(created_at, '') as problem_detail
    from {{ source('raw', 'git__tags') }}
)

select
    {{ native_event({
        'connector': "'git'",
        'event_number': '1',
        'event_id': "repo || '/tags/' || tag",
        'source_id': git_source_id('repo'),
        'event_type': "'tag.created'",
        'subject_id': 'tag',
        'occurred_at': 'created_at',
        'correlation_id': 'commit_sha',
        'data': json_document({
            'service': git_service_id('repo'),
            'tag': 'tag',
            'tag_type': 'tag_type',
            'commit_sha': 'commit_sha',
            'is_on_main_line': 'is_on_main_line',
        }),
        'problem': 'problem',
        'problem_detail': 'problem_detail',
    }) }}
from tags
