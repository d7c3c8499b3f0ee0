-- the events that an entry of the catalogue names and that never arrived; other events may stand in for them
with

entries as (
    select catalogue_id || coalesce(part, '') as entry_id, event_types
    from {{ ref('catalogue') }}
    where event_types is not null
),

named as (
    select entry_id, {{ parts_of('event_types') }} as alternatives
    from entries
),

spelled as (
    select entry_id, alternatives, {{ parts_of("replace(alternatives, '|', ';')") }} as pattern
    from named
),

received as (
    select distinct event_type from {{ ref('int_source_event_counts') }}
),

met as (
    select
        spelled.entry_id,
        spelled.alternatives,
        count(received.event_type) > 0 as is_received
    from spelled
    left join received
        on (
            split_part(spelled.pattern, '.', 1) in ('*', split_part(received.event_type, '.', 1))
            and split_part(spelled.pattern, '.', 2) in ('*', split_part(received.event_type, '.', 2))
        )
    group by spelled.entry_id, spelled.alternatives
)

select
    entry_id,
    string_agg(case when not is_received then alternatives end, ';' order by alternatives) as missing_event_types
from met
group by entry_id
