{{ config(materialized='view') }}
-- what each person is to a product in a week: new, retained or resurrected where active, else churned or
-- departed in the week after the last one of use
with

run_context as (
    select {{ week_start('as_of_at') }} as last_week_start_date
    from {{ source('registry', 'run_context') }}
),

use_weeks as (
    select
        product_id, person_id, week_start_date, first_week_start_date,
        previous_week_start_date, next_week_start_date
    from {{ ref('int_use_weeks') }}
),

-- who left the organisation did not turn away from the product
departures as (
    select
        events.subject_id as person_id,
        min(events.occurred_at) as departed_at
    from {{ ref('int_events_of_facts') }} as events
    inner join {{ source('registry', 'settings') }} as settings
        on settings.setting = 'departure_event_type' and events.event_type = settings.value
    group by events.subject_id
),

gone as (
    select
        use_weeks.product_id,
        use_weeks.person_id,
        use_weeks.week_start_date + 7 as week_start_date
    from use_weeks
    cross join run_context
    where
        use_weeks.week_start_date + 7 <= run_context.last_week_start_date
        and coalesce(use_weeks.next_week_start_date > use_weeks.week_start_date + 7, true)
)

select
    product_id,
    person_id,
    week_start_date,
    case
        when week_start_date = first_week_start_date then 'new'
        when previous_week_start_date = week_start_date - 7 then 'retained'
        else 'resurrected'
    end as growth_state
from use_weeks
union all
select
    gone.product_id,
    gone.person_id,
    gone.week_start_date,
    case
        when departures.departed_at < {{ from_reporting_zone('gone.week_start_date + 7') }} then 'departed'
        else 'churned'
    end as growth_state
from gone
left join departures on gone.person_id = departures.person_id
