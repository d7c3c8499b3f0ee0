with

tasks as (
    select
        file_id,
        line_number,
        id,
        task,
        db_id,
        -- one pipeline run is a whole task; Metabase logs the steps of a task as rows of their own
        task not in (
            'sync-tables', 'sync-fields', 'sync-fks', 'sync-timezone', 'sync-metabase-metadata',
            'fingerprint-fields', 'classify-fields', 'classify-tables', 'update-field-values'
        ) as is_whole_task,
        {{ whole_number('duration') }} as duration_ms,
        started_at as started_text,
        ended_at as ended_text,
        {{ to_utc("started_at || ':00'") }} as started_at,
        {{ to_utc("ended_at || ':00'") }} as ended_at
    from {{ source('raw', 'metabase__tasks') }}
),

events as (
    select
        *,
        1 as event_number,
        case when is_whole_task then 'pipeline_run.started' else 'pipeline_step.ran' end as event_type,
        started_at as occurred_at,
        started_text as instant_text
    from tasks

    union all

    -- a run without an end is open
    select
        *,
        2 as event_number,
        'pipeline_run.finished' as event_type,
        ended_at as occurred_at,
        ended_text as instant_text
    from tasks
    where is_whole_task and coalesce(ended_text, '') <> ''
)

select
    {{ native_event({
        'connector': "'metabase'",
        'event_id': "'metabase__tasks/' || id || '/' || event_type",
        'source_id': "'metabase'",
        'subject_id': "'task-' || id",
        'occurred_at': 'occurred_at',
        'actor_kind': "'service'",
        'data': json_document({'task': 'task', 'database': 'db_id', 'duration_ms': 'duration_ms'}),
        'problem': "case
            when id is null then 'missing_attribute'
            when occurred_at is null then 'unparsable_time'
        end",
        'problem_detail': "'task ' || coalesce(id, '') || ': ' || coalesce(instant_text, '')",
    }) }}
from events
