{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_step_weeks_changed'), ['event_type', 'week_start_date']) }}"
) }}
{% set changed = ref('int_step_weeks_changed') %}
-- grain: source, event type of a later step of a funnel, week. Counts are of whoever reaches one:
-- people, or the subjects that the funnel matches by.
with

funnels as (
    select funnel_id, product_id, step_number, event_type, window_hours, match_key, step_property, step_value
    from {{ source('registry', 'funnels') }}
),

{% if is_incremental() -%}
-- what may be a step in the weeks that are ordered again, or the step before of one
weeks as (
    select distinct
        steps.product_id,
        steps.event_type,
        {{ dates_between(
            'changed.week_start_date - 7 * cast(ceil((funnels.window_hours + 1) / 168) as integer)',
            'changed.week_start_date',
            7,
        ) }} as week_start_date
    from {{ changed }} as changed
    inner join funnels on changed.event_type = funnels.event_type
    inner join funnels as steps on funnels.funnel_id = steps.funnel_id
),
{%- endif %}

begun as (
    select funnel_id, min(first_at) as first_at
    from {{ ref('int_funnel_weeks_begun') }}
    group by funnel_id
),

touches as (
    select
        funnels.funnel_id,
        funnels.step_number,
        funnels.window_hours,
        events.source_id,
        events.event_type,
        events.event_id,
        events.occurred_at,
        events.occurred_week_start_date as week_start_date,
        case funnels.match_key when 'actor' then events.actor_id else events.subject_id end as match_value
    from {{ ref('int_events_known') }} as events
    inner join funnels
        on
            events.product_id = funnels.product_id
            and events.event_type = funnels.event_type
            and {{ meets_condition('events.data', 'funnels.step_property', 'funnels.step_value') }}
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and case funnels.match_key when 'actor' then events.actor_id else events.subject_id end is not null
        {% if is_incremental() -%}
        and (events.product_id, events.event_type, events.occurred_week_start_date) in (
            select product_id, event_type, week_start_date from weeks
        )
        {%- endif %}
),

-- the latest touch of each step so far, of the same funnel and match value
followed as (
    select
        *,
        {% for step in range(1, 6) %}
            max(case when step_number = {{ step }} then occurred_at end) over (
                partition by funnel_id, match_value order by occurred_at
            ) as latest_{{ step }}_at{{ ',' if not loop.last }}
        {% endfor %}
    from touches
),

later_steps as (
    select
        followed.*,
        case followed.step_number
            {% for step in range(2, 7) %}
                when {{ step }} then followed.latest_{{ step - 1 }}_at
            {% endfor %} end as step_before_at
    from followed
    inner join begun on followed.funnel_id = begun.funnel_id
    -- in the first window the step before may lie before the first event
    where
        followed.step_number > 1
        and followed.occurred_at >= {{ plus_hours('begun.first_at', 'followed.window_hours') }}
        {% if is_incremental() -%}
        and (followed.event_type, followed.week_start_date) in (select event_type, week_start_date from {{ changed }})
        {%- endif %}
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
