-- the worst grade of the sources of a Pareto table's items over the days that it looks back on
with

diagnostics as (
    select
        diagnostic_id, product_id, item_kind, item_type,
        coalesce(trailing_days, 91) as trailing_days
    from {{ source('registry', 'diagnostics') }}
),

task_types as (
    select task_type_id, start_event_type, finish_event_type from {{ source('registry', 'task_types') }}
),

types as (
    select diagnostic_id, product_id, trailing_days, item_type as event_type
    from diagnostics
    where item_kind = 'event'
    {% for end in ['start', 'finish'] -%}
    union all
    select
        diagnostics.diagnostic_id, diagnostics.product_id, diagnostics.trailing_days,
        task_types.{{ end }}_event_type as event_type
    from diagnostics
    inner join task_types on diagnostics.item_type = task_types.task_type_id
    where diagnostics.item_kind = 'task'
    {% endfor %}
),

run_context as (
    select as_of_at from {{ source('registry', 'run_context') }}
)

select
    types.diagnostic_id,
    max(greatest(source_trust.grade, coalesce(lowered.grade, 'A'))) as trust_grade
from types
inner join {{ ref('int_source_event_counts') }} as counts
    on types.product_id = counts.product_id and types.event_type = counts.event_type
inner join {{ source('guard', 'source_trust') }} as source_trust on counts.source_id = source_trust.source_id
left join {{ ref('int_products_lowered') }} as lowered
    on types.product_id = lowered.product_id and source_trust.week_start_date = lowered.week_start_date
cross join run_context
where
    source_trust.week_start_date + 6
    >= cast({{ plus_hours('run_context.as_of_at', '-24 * types.trailing_days') }} as date)
group by types.diagnostic_id
