with

entries as (
    select
        catalogue_id || coalesce(part, '') as entry_id,
        catalogue_id,
        coalesce(part, '') as part,
        row_type,
        name,
        event_types,
        event_note,
        alias_of,
        not_computed_reason
    from {{ ref('catalogue') }}
),

-- a metric that reads other events than the entry names is not the entry's
indicators as (
    select
        indicators.entry_id,
        indicators.indicator_id,
        indicators.is_computed and events.missing_event_types is null as is_computed,
        indicators.period_count,
        case
            when indicators.is_computed and events.missing_event_types is not null
                then 'does not read ' || replace(replace(events.missing_event_types, ';', ', '), '|', ' or ')
            else indicators.problem
        end as problem
    from {{ ref('int_catalogue_indicators') }} as indicators
    left join {{ ref('int_catalogue_events') }} as events on indicators.entry_id = events.entry_id
),

aliases as (
    select entry_id, {{ parts_of('alias_of') }} as original_id
    from entries
    where alias_of is not null
),

-- an entry stands on itself, on its parts or on its originals: all of them must be computed
standing as (
    select entries.entry_id, coalesce(parts.entry_id, entries.entry_id) as basis_id
    from entries
    left join entries as parts
        on entries.catalogue_id = parts.catalogue_id and entries.part = '' and parts.part <> ''
    where entries.alias_of is null
    union all
    select entry_id, original_id
    from aliases
),

bases as (
    select
        standing.entry_id,
        standing.basis_id,
        coalesce(bool_or(indicators.is_computed), false) as is_computed,
        max(case when indicators.is_computed then indicators.period_count end) as period_count,
        string_agg(indicators.indicator_id || ' ' || indicators.problem, '; ' order by indicators.indicator_id)
            as problems
    from standing
    left join indicators on standing.basis_id = indicators.entry_id
    group by standing.entry_id, standing.basis_id
),

states as (
    select
        entry_id,
        bool_and(is_computed) as is_computed,
        min(period_count) as period_count,
        string_agg(
            case
                when is_computed then null
                when problems is not null then problems
                when basis_id <> entry_id then basis_id || ' is not computed'
            end, '; ' order by basis_id
        ) as problems
    from bases
    group by entry_id
),

-- an alias may have measures of its own beside those of its original
named as (
    select standing.entry_id, indicators.indicator_id
    from standing
    inner join indicators on standing.basis_id = indicators.entry_id
    where indicators.is_computed
    union
    select entry_id, indicator_id
    from indicators
    where is_computed
),

named_lists as (
    select entry_id, string_agg(indicator_id, ';' order by indicator_id) as metric_ids
    from named
    group by entry_id
)

select
    entries.entry_id,
    entries.catalogue_id,
    entries.part,
    entries.row_type,
    entries.name,
    case when states.is_computed then 'computed' else 'not_computed' end as status,
    named_lists.metric_ids,
    entries.alias_of,
    cast(case when states.is_computed then states.period_count end as bigint) as period_count,
    case
        when not states.is_computed
            then coalesce(states.problems, entries.not_computed_reason, 'No metric of the registry names it.')
    end as reason,
    entries.event_types,
    entries.event_note
from entries
inner join states on entries.entry_id = states.entry_id
left join named_lists on entries.entry_id = named_lists.entry_id
