-- sources that a KPI's lead can't be known without and that are silent, where its trust doesn't tell: one of which few
-- of the events come costs a warning, and no week is complete without it; no row where there is none
with

silent as (
    select
        lineage.product_id,
        lineage.metric_id,
        lineage.source_id,
        cast({{ to_reporting_zone('watermarks.latest_received_at') }} as date) as heard_date,
        {{ week_start('watermarks.latest_received_at') }} as heard_week_start_date
    from {{ ref('int_metric_lineage') }} as lineage
    inner join {{ ref('int_source_watermarks') }} as watermarks on lineage.source_id = watermarks.source_id
    where lineage.is_required and watermarks.watermark_at < watermarks.observed_until_at
    group by lineage.product_id, lineage.metric_id, lineage.source_id, watermarks.latest_received_at
),

-- the one that is missing for longest holds the weeks up
ranked as (
    select
        verdicts.product_id,
        verdicts.kpi_id,
        verdicts.week_start_date,
        silent.source_id,
        silent.heard_date,
        row_number() over (
            partition by verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date
            order by silent.heard_date, silent.source_id
        ) as place
    from {{ ref('int_verdicts') }} as verdicts
    inner join silent
        on verdicts.product_id = silent.product_id
        and verdicts.metric_id = silent.metric_id
        and verdicts.week_start_date > silent.heard_week_start_date
    -- a reading that is withheld says so itself
    where coalesce(verdicts.trust_grade, 'A') in ('A', 'B')
)

select
    product_id,
    kpi_id,
    week_start_date,
    'No later week is complete until ' || {{ without_addresses('source_id') }}
    || ' is heard of again, which is silent since ' || cast(heard_date as varchar) || '.' as silence
from ranked
where place = 1
