{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_days_changed'), ['source_id', 'received_date']) }}"
) }}
{% set changed = ref('int_source_days_changed') %}
-- grain: source with a receive clock, week, UTC day of receipt
with

events as (
    select
        source_id,
        received_at
    from {{ ref('int_events_known') }}
    where
        classification in ('accepted', 'duplicate')
        and has_receive_clock
        {% if is_incremental() -%}
        and (source_id, cast(received_at as date)) in (select source_id, received_date from {{ changed }})
        {%- endif %}
)

select
    source_id,
    {{ week_start('received_at') }} as week_start_date,
    cast(received_at as date) as received_date,
    count(*) as sign_count,
    max(received_at) as last_received_at
from events
group by source_id, {{ week_start('received_at') }}, cast(received_at as date)
