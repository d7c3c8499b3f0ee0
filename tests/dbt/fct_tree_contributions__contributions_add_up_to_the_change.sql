-- what the children contribute is the whole of the parent's change, in every pair of periods
select product_id, parent_metric_id, period_grain, period_start_date
from {{ ref('fct_tree_contributions') }}
where contribution is not null
group by product_id, parent_metric_id, period_grain, period_start_date
having
    abs(sum(contribution) - max(parent_change))
    > 1e-9 * greatest(1, abs(max(parent_before)), abs(max(parent_after)))
