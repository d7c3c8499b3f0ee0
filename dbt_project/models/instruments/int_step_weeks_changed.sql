-- Weeks in which an increment has to order an event type's steps again: an event is itself a step, it may
-- be the step before of what comes within the window, and all of a funnel follows from its first event.
-- Where that is another one now, it or the one before it is among what changed.
with

funnels as (
    select distinct
        funnel_id,
        product_id,
        event_type,
        step_number,
        window_hours
    from {{ source('registry', 'funnels') }}
),

begun as (
    select
        funnel_id,
        week_start_date,
        min(first_at) over (partition by funnel_id) as first_at
    from {{ ref('int_funnel_weeks_begun') }}
),

touched as (
    select
        funnels.funnel_id,
        funnels.step_number,
        changed.occurred_week_start_date as week_start_date,
        min(changed.occurred_at) as first_at
    from {{ ref('int_events_changed') }} as changed
    inner join funnels on changed.product_id = funnels.product_id and changed.event_type = funnels.event_type
    group by funnels.funnel_id, funnels.step_number, changed.occurred_week_start_date
),

reached as (
    select
        touched.funnel_id,
        touched.step_number,
        touched.week_start_date
    from touched
    union
    -- an hour more: a week may end an hour later than 168 hours after it began
    select
        touched.funnel_id,
        funnels.step_number,
        {{ dates_between(
            'touched.week_start_date',
            'touched.week_start_date + 7 * cast(ceil((funnels.window_hours + 1) / 168) as integer)',
            7,
        ) }} as week_start_date
    from touched
    inner join funnels
        on touched.funnel_id = funnels.funnel_id and touched.step_number + 1 = funnels.step_number
    union
    select
        begun.funnel_id,
        funnels.step_number,
        begun.week_start_date
    from begun
    inner join funnels on begun.funnel_id = funnels.funnel_id
    inner join touched on begun.funnel_id = touched.funnel_id and begun.first_at >= touched.first_at
)

select distinct
    funnels.event_type,
    reached.week_start_date
from reached
inner join funnels on reached.funnel_id = funnels.funnel_id and reached.step_number = funnels.step_number
where funnels.step_number > 1
