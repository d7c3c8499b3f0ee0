-- how many entries of a week reach each step of a funnel, and how often its first step was really made
with

funnels as (
    select
        funnel_id, product_id, step_number, match_key, window_hours,
        -- steps of one event type are told apart by the property's value
        event_type || coalesce(' ' || step_value, '') as event_type
    from {{ source('registry', 'funnels') }}
),

weeks as (
    select funnel_id, week_start_date, step_number, entry_count, person_count, event_count
    from {{ ref('int_funnel_week_steps') }}
),

entered as (
    select
        funnel_id, week_start_date, entry_count, person_count, event_count
    from weeks
    where step_number = 1
),

dense as (
    select
        funnels.funnel_id,
        funnels.product_id,
        funnels.step_number,
        funnels.event_type,
        funnels.match_key,
        entered.week_start_date,
        {{ plus_hours(from_reporting_zone('entered.week_start_date + 7'), 'funnels.window_hours') }} as final_at,
        entered.entry_count as entered_count,
        coalesce(weeks.entry_count, 0) as reached_count,
        coalesce(weeks.person_count, 0) as person_count,
        entered.event_count as first_step_event_count,
        coalesce(
            lag(weeks.person_count) over (
                partition by funnels.funnel_id, entered.week_start_date order by funnels.step_number
            ), entered.person_count
        ) as before_person_count,
        cast({{ setting_number('suppression_k', 5) }} as integer) as least_people
    from funnels
    inner join entered on funnels.funnel_id = entered.funnel_id
    left join weeks
        on
            funnels.funnel_id = weeks.funnel_id
            and entered.week_start_date = weeks.week_start_date
            and funnels.step_number = weeks.step_number
),

judged as (
    select
        *,
        -- who went on and who dropped out at each step
        match_key = 'actor' and case
            when step_number = 1 then person_count < least_people
            else {{ is_small_part('person_count', 'before_person_count', 'least_people') }}
        end as is_small_step
    from dense
)

select
    funnel_id,
    product_id,
    week_start_date,
    step_number,
    event_type,
    match_key,
    entered_count,
    reached_count,
    first_step_event_count,
    final_at,
    bool_or(is_small_step) over (partition by funnel_id, week_start_date) as is_small
from judged
