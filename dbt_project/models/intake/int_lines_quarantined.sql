{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_files_changed'), ['file_id']) }}"
) }}
{% set changed = ref('int_files_changed') %}
select
    file_id,
    line_number,
    event_number,
    reason,
    reason_detail,
    source_id,
    event_type,
    occurred_week_start_date,
    counted_week_start_date,
    case when has_receive_clock then received_at end as received_at
from {{ ref('int_events_classified') }}
where
    classification = 'quarantined'
    {% if is_incremental() -%}
    and file_id in (select file_id from {{ changed }})
    {%- endif %}
