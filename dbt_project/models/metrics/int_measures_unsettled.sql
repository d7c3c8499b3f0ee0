-- measures that may count an item otherwise though nothing about it changed: it is followed, or its subject had
-- something open; an increment counts all items of theirs anew
select measure_id
from {{ source('registry', 'measures') }}
where followed_by_event_type is not null
union
select measure_id
from {{ source('registry', 'measure_filters') }}
where dimension like 'open:%'
