-- grain: event that an earlier run accepted, whose file has changed or gone since, and that no file has now
with

gone as (
    select events_gone.path, events_gone.source_id, events_gone.event_id, events_gone.event_type,
        events_gone.week_start_date, events_gone.as_of_at, events_gone.loss_id
    from {{ source('state', 'events_gone') }} as events_gone
    cross join {{ source('registry', 'run_context') }} as run_context
    where events_gone.as_of_at <= run_context.as_of_at
),

-- a copy of it that was set aside has not come again
returned as (
    select distinct source_id, event_id
    from {{ ref('int_events_classified') }}
    where
        classification in ('accepted', 'duplicate')
        and id_hash in (select {{ quick_hash(['source_id', 'event_id']) }} from gone)
),

-- said to have been taken away on purpose
accepted as (
    select path, loss_id, reason
    from {{ source('registry', 'accepted_losses') }}
)

select
    gone.path,
    gone.source_id,
    gone.event_id,
    gone.event_type,
    gone.week_start_date,
    gone.as_of_at,
    accepted.reason as accepted_reason
from gone
left join accepted on gone.path = accepted.path and gone.loss_id = accepted.loss_id
left join returned on gone.source_id = returned.source_id and gone.event_id = returned.event_id
where returned.event_id is null
