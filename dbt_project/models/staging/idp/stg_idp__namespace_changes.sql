with

changes as (
    select
        file_id,
        line_number,
        nullif(sha, '') as sha,
        nullif(cluster, '') as cluster,
        nullif(namespace, '') as namespace,
        nullif(user_hash, '') as user_hash,
        is_bot = '1' as is_bot,
        namespace_event,
        {{ to_utc('committed_at') }} as committed_at,
        'sha ' || coalesce(sha, '') || ', namespace ' || coalesce(namespace, '')
        || ', committed_at ' || coalesce(committed_at, '') as problem_detail
    from {{ source('raw', 'idp__namespace_changes') }}
),

-- A namespace keeps its name when it moves to another cluster: it is born with its first copy
-- and gone with its last.
counted as (
    select
        *,
        count(*) over (partition by sha) as changed_namespace_count,
        sum(case namespace_event when 'created' then 1 when 'deleted' then -1 else 0 end) over (
            partition by namespace
            -- within one commit the new copy stands before the old one goes
            order by committed_at, case namespace_event when 'created' then 0 else 1 end, line_number
            rows between unbounded preceding and current row
        ) as copy_count
    from changes
)

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
    -- one commit over ten namespaces and more is the platform's own housekeeping
    changed_namespace_count >= 10 as is_bulk
from counted
