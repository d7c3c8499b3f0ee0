{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- depends_on: {{ ref('int_funnel_weeks_left') }}
-- one row per entry and step that it reached, in order: each step at or after the one before, in the window
{% set most_steps = 6 %}

with

touches as (
    select funnel_id, match_value, step_number, occurred_at
    from {{ rows_in_scope(ref('int_funnel_touches'), changed, ['product_id', 'match_value']) }} as touches
),

reached_1 as (
    select
        entries.funnel_id,
        entries.product_id,
        entries.match_value,
        entries.entered_at,
        entries.window_ends_at,
        entries.week_start_date,
        entries.entered_at as reached_at,
        count(*) as event_count
    from {{ rows_in_scope(ref('int_funnel_entries'), changed, ['product_id', 'match_value']) }} as entries
    inner join touches
        on
            entries.funnel_id = touches.funnel_id
            and entries.match_value = touches.match_value
            and touches.step_number = 1
            and touches.occurred_at >= entries.entered_at
            and touches.occurred_at < entries.window_ends_at
    group by
        entries.funnel_id, entries.product_id, entries.match_value, entries.entered_at, entries.window_ends_at,
        entries.week_start_date
),

{% for step in range(2, most_steps + 1) %}
reached_{{ step }} as (
    select
        before.funnel_id,
        before.product_id,
        before.match_value,
        before.entered_at,
        before.window_ends_at,
        before.week_start_date,
        min(touches.occurred_at) as reached_at,
        count(*) as event_count
    from reached_{{ step - 1 }} as before
    inner join touches
        on
            before.funnel_id = touches.funnel_id
            and before.match_value = touches.match_value
            and touches.step_number = {{ step }}
            and touches.occurred_at >= before.reached_at
            and touches.occurred_at < before.window_ends_at
    group by
        before.funnel_id, before.product_id, before.match_value, before.entered_at, before.window_ends_at,
        before.week_start_date
),

{% endfor %}
all_steps as (
    {% for step in range(1, most_steps + 1) %}
    select
        {{ step }} as step_number, funnel_id, product_id, match_value, entered_at, window_ends_at, week_start_date,
        reached_at, event_count
    from reached_{{ step }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    funnel_id, product_id, step_number, match_value, entered_at, window_ends_at, week_start_date, reached_at, event_count
from all_steps
