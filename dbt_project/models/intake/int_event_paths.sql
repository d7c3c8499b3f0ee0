{{ config(materialized='incremental', incremental_strategy='append') }}
with

received as (
    select distinct source_id, event_type, ingress_path
    from {{ ref('int_events_received') }}
    where source_id is not null and event_type is not null
)

select received.source_id, received.event_type, received.ingress_path
from received
{% if is_incremental() -%}
left join {{ this }} as known
    on received.source_id = known.source_id
        and received.event_type = known.event_type
        and coalesce(received.ingress_path, '') = coalesce(known.ingress_path, '')
where known.event_type is null
{%- endif %}
