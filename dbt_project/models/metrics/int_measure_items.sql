{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ replaced_by_items(ref('int_items_changed'), ref('int_measures_unsettled'), source('built', 'run_plan')) }}"
) }}
{% set changed, unsettled = ref('int_items_changed'), ref('int_measures_unsettled') %}
{% set run_plan = source('built', 'run_plan') %}
-- items that pass all filters of a measure, placed at their anchor
with

measures as (
    select distinct
        sides.product_id,
        measures.measure_id,
        measures.item_kind,
        measures.item_type,
        measures.aggregate,
        measures.anchor,
        measures.deadline_hours,
        coalesce(measures.deadline_clock, 'calendar') = 'working' as has_working_deadline,
        measures.deadline_property
    from {{ ref('int_metric_sides') }} as sides
    inner join {{ source('registry', 'measures') }} as measures on sides.measure_id = measures.measure_id
),

-- an age depends on the period, so it is judged where the periods are
filters as (
    select measure_id, dimension, operator, value
    from {{ source('registry', 'measure_filters') }}
    where dimension <> 'age_at_period_end_hours'
),

placed as (
    select
        measures.measure_id,
        measures.aggregate,
        measures.anchor = 'deadline' as is_deadline,
        items.item_kind, items.item_id, items.product_id, items.source_id, items.subject_id,
        items.actor_id, items.actor_kind, items.occurred_at, items.ended_at, items.sampled_rate,
        items.week_start_date, items.state,
        case
            when measures.anchor = 'deadline' and measures.deadline_property is not null
                then {{ to_utc(json_text('items.data', 'measures.deadline_property'), 'UTC') }}
            when measures.anchor = 'deadline' and measures.has_working_deadline then working_deadlines.deadline_at
            when measures.anchor = 'deadline' then {{ plus_hours('items.occurred_at', 'coalesce(measures.deadline_hours, 0)') }}
            else items.occurred_at
        end as anchored_at,
        least(run_context.as_of_at, coalesce(sources.observed_until, run_context.as_of_at)) as observed_until_at
    from {{ items_in_scope(ref('int_items'), 'measures', changed, unsettled, run_plan) }} as items
    inner join measures
        on
            items.product_id = measures.product_id
            and items.item_kind = measures.item_kind
            and coalesce(items.item_type, '') = coalesce(measures.item_type, '')
    cross join {{ source('registry', 'run_context') }} as run_context
    left join {{ source('registry', 'sources') }} as sources on items.source_id = sources.source_id
    left join {{ ref('int_working_deadlines') }} as working_deadlines
        on measures.measure_id = working_deadlines.measure_id and items.item_id = working_deadlines.task_id
),

-- what never finishes is not in time
candidates as (
    select
        *,
        case when not is_deadline then null when state = 'finished' and ended_at <= anchored_at then 'true' else 'false' end
            as by_deadline_text
    from placed
    where true {{ in_scope_of_items(changed, unsettled, run_plan) }}
),

judged as (
    select
        filters.measure_id,
        candidates.item_kind,
        candidates.item_id,
        -- a comparison with nothing is false
        bool_and(coalesce(case
            when filters.dimension = 'is_by_deadline'
                then {{ passes_filter('candidates.by_deadline_text', 'filters.operator', 'filters.value') }}
            else {{ passes_filter('dimensions.value_text', 'filters.operator', 'filters.value') }}
        end, false)) as is_passed
    from candidates
    inner join filters on candidates.measure_id = filters.measure_id
    left join {{ ref('int_item_dimensions') }} as dimensions
        on
            candidates.item_kind = dimensions.item_kind
            and candidates.item_id = dimensions.item_id
            and filters.dimension = dimensions.dimension
    group by filters.measure_id, candidates.item_kind, candidates.item_id
)

select
    candidates.measure_id,
    candidates.aggregate,
    candidates.item_kind,
    candidates.item_id,
    candidates.product_id,
    candidates.source_id,
    candidates.subject_id,
    candidates.actor_id,
    candidates.actor_kind,
    candidates.occurred_at,
    candidates.ended_at,
    candidates.sampled_rate,
    candidates.anchored_at,
    case
        when candidates.is_deadline then {{ week_start('candidates.anchored_at') }}
        else candidates.week_start_date
    end as week_start_date
from candidates
left join judged
    on
        candidates.measure_id = judged.measure_id
        and candidates.item_kind = judged.item_kind
        and candidates.item_id = judged.item_id
where
    coalesce(judged.is_passed, true)
    -- not yet due is left out, even if met already; due exactly now is due
    and (not candidates.is_deadline or candidates.anchored_at <= candidates.observed_until_at)
