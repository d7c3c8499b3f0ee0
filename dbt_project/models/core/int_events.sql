{{ config(materialized='view') }}
-- what the metrics may count: accepted events, one row each
select
    {{ event_columns('events') }}
from {{ ref('int_events_known') }} as events
where events.classification = 'accepted'
