with

lines as (
    select
        file_id,
        line_number,
        line_text as incident
    from {{ source('raw', 'statuspage__incidents') }}
),

updates as (
    select
        file_id,
        line_number,
        incident,
        {{ json_elements('incident', 'updates') }} as status_update
    from lines
),

statuses as (
    select
        file_id,
        line_number,
        incident,
        cast(status_update as varchar) as status_update,
        {{ json_text('status_update', "'status'") }} as status,
        {{ to_utc(json_text('status_update', "'at'")) }} as updated_at
    from updates
),

numbered as (
    select
        file_id,
        line_number,
        incident,
        status,
        updated_at,
        row_number() over by_time as update_number,
        row_number() over (
            partition by file_id, line_number
            order by
                case when status in ('Resolved', 'Completed') then 0 else 1 end,
                updated_at desc,
                status_update
        ) = 1 and status in ('Resolved', 'Completed') as is_last_end
    from statuses
    window by_time as (partition by file_id, line_number order by updated_at, status_update)
)

select
    file_id,
    line_number,
    update_number,
    {{ json_text('incident', "'id'") }} as incident_id,
    {{ json_text('incident', "'impact'") }} as impact,
    {{ json_text('incident', "'components'") }} as components,
    status,
    updated_at,
    update_number = 1 as is_first_update,
    is_last_end,
    cast(null as varchar) as problem,
    cast(null as varchar) as problem_detail
from numbered

union all

select
    lines.file_id,
    lines.line_number,
    1 as update_number,
    {{ json_text('lines.incident', "'id'") }} as incident_id,
    cast(null as varchar) as impact,
    cast(null as varchar) as components,
    cast(null as varchar) as status,
    cast(null as timestamp) as updated_at,
    false as is_first_update,
    false as is_last_end,
    'missing_attribute' as problem,
    'updates: ' || substr(lines.incident, 1, 200) as problem_detail
from lines
left join numbered
    on lines.file_id = numbered.file_id and lines.line_number = numbered.line_number
where numbered.file_id is null
