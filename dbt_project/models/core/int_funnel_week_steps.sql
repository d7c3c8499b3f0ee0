{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_funnel_weeks_changed'), ['funnel_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_funnel_weeks_changed') %}
-- how many entries of a week, by how many, reached a step of a funnel, and how many events that took
select
    funnel_id,
    week_start_date,
    step_number,
    count(*) as entry_count,
    count(distinct match_value) as person_count,
    sum(event_count) as event_count
from {{ ref('int_funnel_steps') }}
where true {{ in_scope(changed, ['funnel_id', 'week_start_date']) }}
group by funnel_id, week_start_date, step_number
