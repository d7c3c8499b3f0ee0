with

contributions as (
    select * from {{ source('guard', 'tree_contributions') }}
),

edges as (
    select product_id, parent_metric_id, child_metric_id, is_strategic_focus
    from {{ source('registry', 'tree_edges') }}
)

select
    contributions.product_id,
    contributions.parent_metric_id,
    contributions.child_metric_id,
    contributions.segment_value,
    contributions.edge_type,
    coalesce(edges.is_strategic_focus, false) as is_strategic_focus,
    contributions.period_grain,
    contributions.period_start_date,
    contributions.previous_start_date,
    contributions.parent_before,
    contributions.parent_after,
    contributions.parent_after - contributions.parent_before as parent_change,
    contributions.child_before,
    contributions.child_after,
    contributions.weight_before,
    contributions.weight_after,
    contributions.contribution,
    contributions.rate_effect,
    contributions.mix_effect,
    contributions.has_opposite_rates,
    contributions.trust_grade,
    contributions.no_value_reason
from contributions
left join edges
    on contributions.product_id = edges.product_id
    and contributions.parent_metric_id = edges.parent_metric_id
    and contributions.child_metric_id = edges.child_metric_id
