with

changes as (
    select
        file_id,
        line_number,
        nullif(sha, '') as sha,
        nullif(path, '') as path,
        nullif(editor_hash, '') as editor_hash,
        {{ to_utc('authored_at') }} as authored_at,
        {{ to_utc('landed_at') }} as landed_at,
        action,
        section,
        -- the slug is what stays when a file moves to another folder
        case when section = 'post' then nullif(slug, '') end as post_id,
        -- declared by the author; the month 22 of one post makes it NULL, not the row wrong
        {{ calendar_date('slug_date') }} as declared_date,
        is_cms_ui_commit = '1' as is_made_in_cms,
        'sha ' || coalesce(sha, '') || ', path ' || coalesce(path, '')
        || ', authored_at ' || coalesce(authored_at, '') || ', landed_at ' || coalesce(landed_at, '')
            as problem_detail
    from {{ source('raw', 'git_cms__content_events') }}
)

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
    -- a commit over twenty files and more rebuilds the site; nobody wrote twenty posts at once
    count(*) over (partition by sha) >= 20 as is_bulk,
    post_id is not null and row_number() over (
        partition by post_id order by authored_at nulls last, line_number
    ) = 1 as is_first_authored,
    post_id is not null and row_number() over (
        partition by post_id order by landed_at nulls last, line_number
    ) = 1 as is_first_landed
from changes
