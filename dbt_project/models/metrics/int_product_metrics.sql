-- which metric is computed for which product: whatever a KPI, a balance, a tripwire or a watch list names,
-- and the parents of what is derived, three levels up
with

metrics as (
    select metric_id, ';' || replace(derived_metric_ids, ' ', '') || ';' as parent_list
    from {{ source('registry', 'metrics') }}
),

kpis as (
    select kpi_id, product_id, metric_id from {{ source('registry', 'kpis') }}
),

named as (
    select product_id, metric_id from kpis
    union
    select kpis.product_id, balances.metric_id
    from {{ source('registry', 'balances') }} as balances
    inner join kpis on balances.kpi_id = kpis.kpi_id
    union
    select kpis.product_id, tripwires.metric_id
    from {{ source('registry', 'tripwires') }} as tripwires
    inner join kpis on tripwires.kpi_id = kpis.kpi_id
    union
    select product_id, metric_id from {{ source('registry', 'watched_metrics') }}
),

{% for level in [1, 2, 3] %}
parents_{{ level }} as (
    select product_id, metric_id from {{ 'named' if loop.first else 'parents_' ~ (level - 1) }}
    union
    select children.product_id, parents.metric_id
    from {{ 'named' if loop.first else 'parents_' ~ (level - 1) }} as children
    inner join metrics on children.metric_id = metrics.metric_id
    inner join metrics as parents on metrics.parent_list like '%;' || parents.metric_id || ';%'
){{ ',' if not loop.last }}

{% endfor %}
select parents_3.product_id, parents_3.metric_id
from parents_3
inner join metrics on parents_3.metric_id = metrics.metric_id
