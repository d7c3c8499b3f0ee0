-- which event types the metrics of this folder are made of, by side
with

metrics as (
    select product_id, metric_id, custom_model, custom_parameter
    from {{ ref('int_custom_metrics') }}
),

active_uses as (
    select product_id, event_type from {{ source('registry', 'active_uses') }}
),

activations as (
    select activation_id, product_id, start_event_type, event_type
    from {{ source('registry', 'activations') }}
),

funnels as (
    select distinct
        funnel_id,
        product_id,
        case when step_number = 1 then 'denominator' else 'numerator' end as side,
        event_type
    from {{ source('registry', 'funnels') }}
),

people_limits as (
    select limit_id, product_id, event_type from {{ source('registry', 'people_limits') }}
),

sides as (
    select 'numerator' as side
    union all
    select 'denominator' as side
)

select metrics.product_id, metrics.metric_id, sides.side, active_uses.event_type, true as is_required
from metrics
inner join active_uses on metrics.product_id = active_uses.product_id
cross join sides
where metrics.custom_model in ('retention', 'churn', 'stickiness', 'active_people')
union all
select
    metrics.product_id, metrics.metric_id, sides.side,
    case sides.side when 'numerator' then activations.event_type else activations.start_event_type end as event_type,
    true as is_required
from metrics
inner join activations
    on metrics.product_id = activations.product_id and metrics.custom_parameter = activations.activation_id
cross join sides
where metrics.custom_model = 'activation'
union all
select metrics.product_id, metrics.metric_id, funnels.side, funnels.event_type, true as is_required
from metrics
inner join funnels on metrics.product_id = funnels.product_id and metrics.custom_parameter = funnels.funnel_id
where metrics.custom_model = 'funnel'
union all
select metrics.product_id, metrics.metric_id, forecast_events.side, forecast_events.event_type, true as is_required
from metrics
cross join (values
    ('numerator', 'forecast.made'), ('numerator', 'actual.observed'), ('denominator', 'actual.observed')
) as forecast_events (side, event_type)
where metrics.custom_model = 'forecast_error'
union all
select metrics.product_id, metrics.metric_id, sides.side, people_limits.event_type, true as is_required
from metrics
inner join people_limits
    on metrics.product_id = people_limits.product_id and metrics.custom_parameter = people_limits.limit_id
cross join sides
where metrics.custom_model = 'people_over_limit'
