{#- Tables whose rows each say that a person did one thing. -#}
{% set activities = [
    ('metabase__views', "'report.viewed'", "model || '-' || coalesce(model_id, '')", 'model'),
    ('metabase__activities', "'content.changed'",
     "coalesce(model, 'instance') || '-' || coalesce(model_id, '')", 'topic'),
    ('metabase__logins', "'user.logged_in'", 'user_id', "'login'"),
    ('metabase__revisions', "'content.revised'", "lower(model) || '-' || model_id", 'model'),
] %}

with

rows_of_all as (
    {%- for table, event_type, subject, detail in activities %}
    select
        file_id,
        line_number,
        '{{ table }}' as table_name,
        id,
        nullif(user_id, '') as user_id,
        "timestamp" as instant_text,
        {{ to_utc('"timestamp" || \':00\'') }} as occurred_at,
        {{ event_type }} as event_type,
        {{ subject }} as subject_id,
        {{ detail }} as detail
    from {{ source('raw', table) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
)

select
    {{ native_event({
        'connector': "'metabase'",
        'event_number': '1',
        'event_id': "table_name || '/' || id",
        'source_id': "'metabase'",
        'subject_id': 'subject_id',
        'occurred_at': 'occurred_at',
        'actor_id': "'metabase-user-' || user_id",
        'actor_kind': "case when user_id is null then 'unknown' else 'human' end",
        'ingress_path': "'web'",
        'data': json_document({'detail': 'detail'}),
        'problem': "case
            when id is null then 'missing_attribute'
            when occurred_at is null then 'unparsable_time'
        end",
        'problem_detail': "table_name || ' ' || coalesce(id, '') || ': ' || coalesce(instant_text, '')",
    }) }}
from rows_of_all
