with

quarters as (
    select
        product_id, service_id, is_product, quarter_start_date, observed_weeks, is_complete, deployment_count,
        remediation_count, change_count, negative_lead_time_count, failed_count, route_3_count, mended_only_count,
        open_recovery_count, rework_count, kind_count, reverting_count, evidence_count, unattributed_count,
        median_lead_time_hours, median_recovery_hours
    from {{ ref('int_delivery_quarters') }}
),

-- the worst week of a source of deployments, as in every longer period
trust as (
    select
        counts.product_id,
        {{ calendar_period_start('source_trust.week_start_date', 'quarter') }} as quarter_start_date,
        max(greatest(source_trust.grade, coalesce(lowered.grade, 'A'))) as trust_grade
    from {{ ref('int_source_event_counts') }} as counts
    inner join {{ source('guard', 'source_trust') }} as source_trust on counts.source_id = source_trust.source_id
    left join {{ ref('int_products_lowered') }} as lowered
        on counts.product_id = lowered.product_id and source_trust.week_start_date = lowered.week_start_date
    where counts.event_type = 'service.deployed'
    group by counts.product_id, {{ calendar_period_start('source_trust.week_start_date', 'quarter') }}
),

graded as (
    select
        quarters.*,
        coalesce(trust.trust_grade, 'D') as trust_grade,
        coalesce(trust.trust_grade, 'D') <> 'D' as is_shown
    from quarters
    left join trust
        on quarters.product_id = trust.product_id and quarters.quarter_start_date = trust.quarter_start_date
)

select
    product_id,
    service_id,
    is_product,
    quarter_start_date,
    is_complete,
    cast(observed_weeks as {{ double_type() }}) as observed_weeks,
    trust_grade,
    case when is_shown then deployment_count end as deployment_count,
    case when is_shown then remediation_count end as remediation_count,
    case when is_shown then {{ ratio('deployment_count', 'observed_weeks') }} end as deployments_per_week,
    case when is_shown then change_count end as change_count,
    case when is_shown then negative_lead_time_count end as negative_lead_time_count,
    cast(case when is_shown then median_lead_time_hours end as {{ double_type() }}) as median_lead_time_hours,
    case
        when not is_shown then 'withheld'
        when median_lead_time_hours is null then 'no_items'
    end as lead_time_no_value_reason,
    case when is_shown then failed_count end as failed_count,
    case when is_shown then {{ ratio('failed_count', 'deployment_count') }} end as change_fail_rate,
    case when is_shown then {{ ratio('route_3_count', 'failed_count') }} end as route_3_share,
    case when is_shown then evidence_count end as evidence_count,
    case when is_shown then {{ ratio('unattributed_count', 'evidence_count') }} end as unattributed_share,
    case when is_shown and kind_count > 0 then rework_count end as rework_count,
    case when is_shown and kind_count > 0 then {{ ratio('rework_count', 'deployment_count') }} end as rework_rate,
    case
        when not is_shown then 'withheld'
        when deployment_count = 0 then 'no_denominator'
        when kind_count = 0 then 'kind_not_sent'
    end as rework_no_value_reason,
    case when is_shown then reverting_count end as reverting_count,
    cast(case when is_shown then median_recovery_hours end as {{ double_type() }}) as median_recovery_hours,
    case when is_shown then open_recovery_count end as open_recovery_count,
    case when is_shown then mended_only_count end as mended_only_count,
    case
        when not is_shown then 'withheld'
        when failed_count = 0 then 'no_failures'
        when median_recovery_hours is null then 'median_not_reached'
    end as recovery_no_value_reason
from graded
