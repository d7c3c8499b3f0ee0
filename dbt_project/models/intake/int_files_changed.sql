{{ config(materialized='view') }}
-- files of whose lines an increment has to count again what became of them
select distinct file_id
from {{ ref('int_events_changed') }}
