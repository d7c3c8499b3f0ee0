{{ config(materialized='view') }}
-- stretches of a source's numbering that an increment has to follow again
select distinct source_id, {{ sequence_span('sequence') }} as span_number
from {{ ref('int_events_changed') }}
where
    sequence is not null
    and source_id is not null
    and {{ whole_number('sequence') }} is not null
