with

evidence as (
    select * from {{ source('guard', 'driver_evidence') }}
),

edges as (
    select product_id, parent_metric_id, child_metric_id, lags_weeks, evidence, is_strategic_focus
    from {{ source('registry', 'tree_edges') }}
)

select
    evidence.product_id,
    evidence.parent_metric_id,
    evidence.child_metric_id,
    evidence.status,
    evidence.expected_sign,
    edges.lags_weeks as declared_lags_weeks,
    evidence.lag_weeks,
    evidence.correlation,
    evidence.p_value,
    cast(evidence.pair_count as integer) as pair_count,
    evidence.is_of_changes,
    evidence.has_repeated,
    evidence.from_date,
    evidence.to_date,
    evidence.note,
    edges.evidence,
    coalesce(edges.is_strategic_focus, false) as is_strategic_focus
from evidence
inner join edges
    on evidence.product_id = edges.product_id
    and evidence.parent_metric_id = edges.parent_metric_id
    and evidence.child_metric_id = edges.child_metric_id
