{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
-- grain: source, product, event type, week of occurrence, whether no plan names the type
select
    source_id,
    product_id,
    event_type,
    occurred_week_start_date as week_start_date,
    classification <> 'accepted' as is_unplanned,
    count(*) as event_count,
    min(occurred_at) as first_occurred_at,
    max(occurred_at) as last_occurred_at
from {{ ref('int_events_known') }}
where
    (classification = 'accepted' or reason = 'unknown_type')
    {% if is_incremental() -%}
    and (source_id, occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
    {%- endif %}
group by source_id, product_id, event_type, occurred_week_start_date, classification <> 'accepted'
