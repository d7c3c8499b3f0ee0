{{ config(materialized='incremental', incremental_strategy='append') }}
with

received as (
    select distinct event_type, ingress_path
    from {{ ref('int_events_received') }}
    where ingress_path is not null and event_type is not null
)

select received.event_type, received.ingress_path
from received
{% if is_incremental() -%}
left join {{ this }} as known
    on received.event_type = known.event_type and received.ingress_path = known.ingress_path
where known.event_type is null
{%- endif %}
