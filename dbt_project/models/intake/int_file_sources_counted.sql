{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_files_changed'), ['file_id']) }}"
) }}
{% set changed = ref('int_files_changed') %}
-- accepted events of each file by source
select
    file_id,
    source_id,
    count(*) as event_count,
    min(occurred_at) as first_occurred_at,
    max(occurred_at) as last_occurred_at
from {{ ref('int_events_known') }}
where
    classification = 'accepted'
    {% if is_incremental() -%}
    and file_id in (select file_id from {{ changed }})
    {%- endif %}
group by file_id, source_id
