-- the five delivery measures by service and quarter, and over all services of a product
with

items as (
    select
        product_id, service_id, item_kind, duration_us, is_failed, is_by_route_3, is_mended_only, has_kind,
        is_rework, is_reverting, is_unattributed, quarter_start_date
    from {{ ref('int_delivery_items') }}
),

grid as (
    select product_id, service_id, is_product, quarter_start_date, observed_weeks, is_complete
    from {{ ref('int_delivery_grid') }}
),

-- the product stands beside its services: a failure that names no service counts there alone
placed as (
    select
        grid.service_id as level_service_id, grid.is_product, items.product_id, items.quarter_start_date,
        items.item_kind, items.duration_us, items.is_failed, items.is_by_route_3, items.is_mended_only, items.has_kind,
        items.is_rework, items.is_reverting, items.is_unattributed
    from items
    inner join grid
        on
            items.product_id = grid.product_id
            and items.quarter_start_date = grid.quarter_start_date
            and (grid.is_product or items.service_id = grid.service_id)
),

-- halves of an even number meet in the middle; an open recovery is longer than any
ranked as (
    select
        product_id, level_service_id, is_product, quarter_start_date, item_kind, duration_us,
        row_number() over (
            partition by product_id, level_service_id, is_product, quarter_start_date, item_kind
            order by duration_us nulls last
        ) as duration_rank,
        count(*) over (
            partition by product_id, level_service_id, is_product, quarter_start_date, item_kind
        ) as duration_count
    from placed
    where (item_kind = 'change' and duration_us >= 0) or (item_kind = 'deployment' and is_failed)
),

medians as (
    select
        product_id, level_service_id, is_product, quarter_start_date, item_kind,
        case when count(*) = count(duration_us) then avg(duration_us) / 3600e6 end as median_hours
    from ranked
    where 2 * duration_rank between duration_count and duration_count + 2
    group by product_id, level_service_id, is_product, quarter_start_date, item_kind
),

counts as (
    select
        product_id, level_service_id, is_product, quarter_start_date,
        count(*) filter (where item_kind = 'deployment') as deployment_count,
        count(*) filter (where item_kind = 'remediation') as remediation_count,
        count(*) filter (where item_kind = 'change' and duration_us >= 0) as change_count,
        count(*) filter (where item_kind = 'change' and duration_us < 0) as negative_lead_time_count,
        count(*) filter (where item_kind = 'deployment' and is_failed) as failed_count,
        count(*) filter (where item_kind = 'deployment' and is_by_route_3) as route_3_count,
        count(*) filter (where item_kind = 'deployment' and is_mended_only) as mended_only_count,
        count(*) filter (where item_kind = 'deployment' and is_failed and duration_us is null) as open_recovery_count,
        count(*) filter (where item_kind = 'deployment' and is_rework) as rework_count,
        count(*) filter (where item_kind = 'deployment' and has_kind) as kind_count,
        count(*) filter (where item_kind = 'deployment' and is_reverting) as reverting_count,
        count(*) filter (where item_kind = 'evidence') as evidence_count,
        count(*) filter (where item_kind = 'evidence' and is_unattributed) as unattributed_count
    from placed
    group by product_id, level_service_id, is_product, quarter_start_date
)

select
    grid.product_id,
    grid.service_id,
    grid.is_product,
    grid.quarter_start_date,
    grid.observed_weeks,
    grid.is_complete,
    {% for column in ['deployment', 'remediation', 'change', 'negative_lead_time', 'failed', 'route_3', 'mended_only',
        'open_recovery', 'rework', 'kind', 'reverting', 'evidence', 'unattributed'] %}
    coalesce(counts.{{ column }}_count, 0) as {{ column }}_count,
    {% endfor %}
    leads.median_hours as median_lead_time_hours,
    recoveries.median_hours as median_recovery_hours
from grid
{% for joined, kind in [('counts', none), ('leads', 'change'), ('recoveries', 'deployment')] %}
left join {{ joined if kind is none else 'medians as ' ~ joined }}
    on
        grid.product_id = {{ joined }}.product_id
        and grid.service_id = {{ joined }}.level_service_id
        and grid.is_product = {{ joined }}.is_product
        and grid.quarter_start_date = {{ joined }}.quarter_start_date
        {% if kind is not none %}and {{ joined }}.item_kind = '{{ kind }}'{% endif %}

{% endfor %}
