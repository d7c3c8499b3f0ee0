-- what the Pareto tables add up: one row per table and item, with its reason
with

diagnostics as (
    select
        diagnostic_id, product_id, item_kind, item_type, dimension, quantity,
        coalesce(trailing_days, 91) as trailing_days
    from {{ source('registry', 'diagnostics') }}
),

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

items as (
    select
        diagnostics.diagnostic_id,
        events.actor_id as person_id,
        case diagnostics.dimension
            when 'segment_id' then coalesce(events.segment_id, {{ json_text('events.data', "'segment_id'") }})
            when 'environment' then coalesce(events.environment, {{ json_text('events.data', "'environment'") }})
            when 'ingress_path' then events.ingress_path
            else {{ json_text('events.data', 'diagnostics.dimension') }}
        end as reason,
        events.sampled_rate * case
            when diagnostics.quantity is null then 1.0
            else {{ safe_number(json_text('events.data', 'diagnostics.quantity')) }}
        end as amount
    from {{ ref('int_events') }} as events
    inner join diagnostics
        on
            diagnostics.item_kind = 'event'
            and events.product_id = diagnostics.product_id
            and events.event_type = diagnostics.item_type
    cross join run_context
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
        and events.occurred_at <= run_context.as_of_at
        and events.occurred_at > {{ plus_hours('run_context.as_of_at', '-24 * diagnostics.trailing_days') }}
    union all
    select
        diagnostics.diagnostic_id,
        tasks.actor_id as person_id,
        case diagnostics.dimension
            when 'segment_id' then tasks.segment_id
            when 'state' then tasks.state
            else coalesce(
                {{ json_text('tasks.start_data', 'diagnostics.dimension') }},
                {{ json_text('tasks.finish_data', 'diagnostics.dimension') }}
            )
        end as reason,
        case diagnostics.quantity
            when 'duration_hours' then tasks.duration_us / 3600000000.0
            when 'working_hours' then tasks.working_us / 3600000000.0
            when 'paused_hours' then tasks.paused_us / 3600000000.0
            else coalesce(
                {{ safe_number(json_text('tasks.start_data', 'diagnostics.quantity')) }},
                case when diagnostics.quantity is null then 1.0 end
            )
        end as amount
    from {{ ref('int_tasks') }} as tasks
    inner join diagnostics
        on
            diagnostics.item_kind = 'task'
            and tasks.product_id = diagnostics.product_id
            and tasks.task_type_id = diagnostics.item_type
    cross join run_context
    where
        tasks.started_at <= run_context.as_of_at
        and tasks.started_at > {{ plus_hours('run_context.as_of_at', '-24 * diagnostics.trailing_days') }}
)

select diagnostic_id, person_id, nullif(trim(reason), '') as reason, amount
from items
where amount is not null
