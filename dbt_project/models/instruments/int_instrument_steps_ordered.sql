-- grain: source, event type of a later step of a funnel, week. Counts are of whoever reaches one:
-- people, or the subjects that the funnel matches by.
with

events as (
    select
        source_id,
        product_id,
        event_type,
        event_id,
        subject_id,
        actor_id,
        occurred_at,
        occurred_week_start_date as week_start_date,
        data
    from {{ ref('int_events_known') }}
    where classification = 'accepted' and not coalesce(is_heartbeat, false)
),

touches as (
    select
        funnels.funnel_id,
        funnels.step_number,
        funnels.window_hours,
        events.source_id,
        events.product_id,
        events.event_type,
        events.event_id,
        events.occurred_at,
        events.week_start_date,
        case funnels.match_key when 'actor' then events.actor_id else events.subject_id end as match_value
    from events
    inner join {{ source('registry', 'funnels') }} as funnels
        on
            events.product_id = funnels.product_id
            and events.event_type = funnels.event_type
            and {{ meets_condition('events.data', 'funnels.step_property', 'funnels.step_value') }}
    where case funnels.match_key when 'actor' then events.actor_id else events.subject_id end is not null
),

-- the latest touch of each step so far, of the same funnel and match value
followed as (
    select
        *,
        {% for step in range(1, 6) %}
            max(case when step_number = {{ step }} then occurred_at end) over (
                partition by funnel_id, match_value order by occurred_at
            ) as latest_{{ step }}_at,
        {% endfor %}
        min(occurred_at) over (partition by funnel_id) as first_at
    from touches
),

later_steps as (
    select
        *,
        case step_number
            {% for step in range(2, 7) %}
                when {{ step }} then latest_{{ step - 1 }}_at
            {% endfor %}
        end as step_before_at
    from followed
    -- in the first window the step before may lie before the first event
    where step_number > 1 and occurred_at >= {{ plus_hours('first_at', 'window_hours') }}
),

judged as (
    select
        *,
        coalesce({{ plus_hours('step_before_at', 'window_hours') }} > occurred_at, false) as has_step_before
    from later_steps
),

travellers as (
    select
        source_id,
        event_type,
        week_start_date,
        match_value,
        min(case when not has_step_before then event_id end) as event_id,
        bool_and(has_step_before) as is_in_order
    from judged
    group by source_id, event_type, week_start_date, match_value
)

select
    source_id,
    event_type,
    week_start_date,
    count(*) as traveller_count,
    count(*) filter (where not is_in_order) as out_of_order_count,
    {{ smallest_ids('event_id', 'not is_in_order') }} as out_of_order_ids
from travellers
group by source_id, event_type, week_start_date
