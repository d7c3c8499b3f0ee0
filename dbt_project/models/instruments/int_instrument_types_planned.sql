{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, week of occurrence
with

events as (
    select
        source_id,
        {{ evidence_key() }} as event_id,
        occurred_week_start_date as week_start_date,
        coalesce(reason = 'unknown_type', false) as is_unplanned
    from {{ ref('int_events_known') }}
    where
        occurred_week_start_date is not null
        and (classification = 'accepted' or reason = 'unknown_type')
        {% if is_incremental() -%}
        and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    week_start_date,
    count(*) as event_count,
    count(*) filter (where is_unplanned) as unplanned_count,
    {{ smallest_ids('event_id', 'is_unplanned') }} as unplanned_ids
from events
group by source_id, week_start_date
