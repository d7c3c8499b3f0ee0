with

queries as (
    select
        file_id,
        line_number,
        id,
        hash,
        nullif(executor_id, '') as executor_id,
        nullif(card_id, '') as card_id,
        context,
        native = 't' as is_native,
        {{ whole_number('running_time') }} as running_ms,
        coalesce(error, '') <> '' as is_failed,
        -- who writes a query builds; who opens a saved one reads
        context not in ('ad-hoc', 'map-tiles') as is_reading,
        started_at as instant_text,
        {{ to_utc("started_at || ':00'") }} as started_at
    from {{ source('raw', 'metabase__query_executions') }}
)

select
    {{ native_event({
        'connector': "'metabase'",
        'event_number': '1',
        'event_id': "'metabase__query_executions/' || id",
        'source_id': "'metabase'",
        'event_type': "'query.ran'",
        'subject_id': "coalesce('card-' || card_id, hash)",
        'occurred_at': 'started_at',
        'actor_id': "'metabase-user-' || executor_id",
        'actor_kind': "case when executor_id is null then 'unknown' else 'human' end",
        'ingress_path': "'web'",
        'data': json_document({
            'context': 'context',
            'is_native': 'is_native',
            'is_reading': 'is_reading',
            'is_failed': 'is_failed',
            'running_ms': 'running_ms',
        }),
        'problem': "case
            when id is null then 'missing_attribute'
            when started_at is null then 'unparsable_time'
        end",
        'problem_detail': "'query ' || coalesce(id, '') || ': ' || coalesce(instant_text, '')",
    }) }}
from queries
