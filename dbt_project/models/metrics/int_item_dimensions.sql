{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ replaced_by(ref('int_items_changed'), ['item_id']) }}",
        "{{ replaced_where(\"dimension like 'open:%'\") }}",
    ]
) }}
{% set changed = ref('int_items_changed') %}
-- the properties that a filter, a quantity or a match asks for, one row per item and property
with

asked as (
    select measures.item_kind, measures.item_type, filters.dimension
    from {{ source('registry', 'measures') }} as measures
    inner join {{ source('registry', 'measure_filters') }} as filters on measures.measure_id = filters.measure_id
    where
        filters.dimension not in ('age_at_period_end_hours', 'is_by_deadline') and filters.dimension not like 'open:%'
    union
    select item_kind, item_type, quantity as dimension
    from {{ source('registry', 'measures') }}
    where quantity is not null
    union
    select item_kind, item_type, followed_match as dimension
    from {{ source('registry', 'measures') }}
    where followed_match is not null and followed_match not in ('subject', 'actor') and followed_match not like 'subject:%'
),

read as (
    select
        items.item_kind,
        items.item_id,
        asked.dimension,
        case
            when items.item_kind = 'task' and asked.dimension = 'state' then items.state
            when items.item_kind = 'task' and asked.dimension = 'reopen_count' then cast(items.reopen_count as varchar)
            when items.item_kind = 'task' and asked.dimension = 'duration_hours'
                then cast(items.duration_us / 3600000000.0 as varchar)
            when items.item_kind = 'task' and asked.dimension = 'working_hours'
                then cast(items.working_us / 3600000000.0 as varchar)
            when items.item_kind = 'task' and asked.dimension = 'paused_hours'
                then cast(items.paused_us / 3600000000.0 as varchar)
            when asked.dimension = 'actor_kind' then items.actor_kind
            when asked.dimension = 'segment_id' and items.segment_id is not null then items.segment_id
            when asked.dimension = 'environment' and items.environment is not null then items.environment
            when asked.dimension = 'ingress_path' then items.ingress_path
            else {{ json_text('items.data', 'asked.dimension') }}
        end as value_text
    from {{ ref('int_items') }} as items
    inner join asked
        on
            items.item_kind = asked.item_kind
            and coalesce(items.item_type, '') = coalesce(asked.item_type, '')
    where true {{ in_scope(changed, ['items.item_id']) }}
)

select item_kind, item_id, dimension, value_text
from read
where value_text is not null
union all
select item_kind, item_id, dimension, value_text
from {{ ref('int_item_states') }}
