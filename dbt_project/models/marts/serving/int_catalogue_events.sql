-- the events that an entry of the catalogue names and that none of its metrics reads, or that never arrived;
-- entries of several parts and other names of an entry stand on those
with

parted as (
    select distinct catalogue_id from {{ ref('catalogue') }} where coalesce(part, '') <> ''
),

entries as (
    select catalogue.catalogue_id || coalesce(catalogue.part, '') as entry_id, catalogue.event_types
    from {{ ref('catalogue') }} as catalogue
    left join parted on catalogue.catalogue_id = parted.catalogue_id
    where
        catalogue.event_types is not null
        and catalogue.alias_of is null
        and (parted.catalogue_id is null or coalesce(catalogue.part, '') <> '')
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

indicators as (
    select distinct entry_id, indicator_id from {{ ref('int_catalogue_indicators') }}
),

task_types as (
    select task_type_id, start_event_type, finish_event_type from {{ source('registry', 'task_types') }}
),

-- what a metric or a diagnostic is made of, on either side
read_types as (
    select metric_id as indicator_id, event_type from {{ ref('int_metric_event_types') }}
    union
    select metric_id, event_type from {{ ref('int_metric_lineage') }}
    union
    select diagnostic_id, item_type from {{ source('registry', 'diagnostics') }} where item_kind = 'event'
    union
    select diagnostics.diagnostic_id, task_types.start_event_type
    from {{ source('registry', 'diagnostics') }} as diagnostics
    inner join task_types on diagnostics.item_type = task_types.task_type_id
    union
    select diagnostics.diagnostic_id, task_types.finish_event_type
    from {{ source('registry', 'diagnostics') }} as diagnostics
    inner join task_types on diagnostics.item_type = task_types.task_type_id
),

read_by_entry as (
    select distinct indicators.entry_id, read_types.event_type
    from indicators
    inner join read_types on indicators.indicator_id = read_types.indicator_id
    inner join received on read_types.event_type = received.event_type
),

met as (
    select
        spelled.entry_id,
        spelled.alternatives,
        count(read_by_entry.event_type) > 0 as is_read
    from spelled
    left join read_by_entry
        on
            spelled.entry_id = read_by_entry.entry_id
            and split_part(spelled.pattern, '.', 1) in ('*', split_part(read_by_entry.event_type, '.', 1))
            and split_part(spelled.pattern, '.', 2) in ('*', split_part(read_by_entry.event_type, '.', 2))
    group by spelled.entry_id, spelled.alternatives
)

select
    entry_id,
    string_agg(case when not is_read then alternatives end, ';' order by alternatives) as missing_event_types
from met
group by entry_id
