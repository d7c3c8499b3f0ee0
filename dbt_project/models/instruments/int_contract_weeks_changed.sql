{{ config(materialized='view') }}
-- what an increment has to hold against contracts again: an event whose own time can't be read belongs to
-- the week in which it came
select distinct
    source_id,
    coalesce(occurred_week_start_date, {{ week_start('received_at') }}) as week_start_date
from {{ ref('int_events_changed') }}
where source_id is not null
