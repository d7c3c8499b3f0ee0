-- grain: event that an earlier run accepted, whose file has changed or gone since, and that no file has now in any state
with

gone as (
    select events_gone.path, events_gone.source_id, events_gone.event_id, events_gone.event_type,
        events_gone.week_start_date, events_gone.as_of_at, events_gone.loss_id
    from {{ source('state', 'events_gone') }} as events_gone
    cross join {{ source('registry', 'run_context') }} as run_context
    where events_gone.as_of_at <= run_context.as_of_at
),

-- one that has its id and was set aside is there: what is wrong with it is said where it was set aside
present as (
    select distinct source_id, event_id
    from {{ ref('int_events_classified') }}
    where id_hash in (select {{ quick_hash(['source_id', 'event_id']) }} from gone)
),

-- said to have been taken away on purpose
accepted as (
    select path, loss_id, reason
    from {{ source('registry', 'accepted_losses') }}
),

-- lines that can't be read have no id: so many of what is missing in their file, and around their weeks, are they
torn as (
    select files.path, lines.source_id, lines.week_start_date, count(*) as line_count
    from {{ ref('int_lines_unread') }} as lines
    inner join {{ source('landing', 'landing_files') }} as files on lines.file_id = files.file_id
    where lines.reason in ('invalid_json', 'not_an_object') and files.path in (select path from gone)
    group by files.path, lines.source_id, lines.week_start_date
),

torn_files as (
    select
        path,
        sum(line_count) as line_count,
        min(week_start_date) as first_week_start_date,
        max(week_start_date) as last_week_start_date
    from torn
    group by path
),

missing as (
    select
        gone.path, gone.source_id, gone.event_id, gone.event_type, gone.week_start_date, gone.as_of_at, gone.loss_id,
        coalesce(torn.line_count, 0) as line_count,
        row_number() over (
            partition by gone.path, gone.source_id, gone.week_start_date order by gone.event_id
        ) as place
    from gone
    left join present on gone.source_id = present.source_id and gone.event_id = present.event_id
    left join torn
        on
            gone.path = torn.path
            and gone.source_id = torn.source_id
            and gone.week_start_date = torn.week_start_date
    where present.event_id is null
),

placed as (
    select
        missing.*,
        coalesce(torn_files.line_count, 0) as torn_count,
        -- a torn line is taken for one of its neighbour's source and week
        case
            when missing.place <= missing.line_count then 0
            when missing.week_start_date
                between torn_files.first_week_start_date - 7 and torn_files.last_week_start_date + 7
                then 1
            else 2
        end as distance
    from missing
    left join torn_files on missing.path = torn_files.path
),

ranked as (
    select
        *,
        row_number() over (partition by path order by distance, source_id, week_start_date, event_id) as file_place
    from placed
)

select
    ranked.path,
    ranked.source_id,
    ranked.event_id,
    ranked.event_type,
    ranked.week_start_date,
    ranked.as_of_at,
    accepted.reason as accepted_reason
from ranked
left join accepted on ranked.path = accepted.path and ranked.loss_id = accepted.loss_id
where ranked.distance = 2 or ranked.file_place > ranked.torn_count
