-- metrics whose parts a model of this folder makes, and how long a week must wait for them
with

metrics as (
    select metric_id, kind, custom_model, custom_parameter
    from {{ source('registry', 'metrics') }}
    where custom_model is not null
),

windows as (
    select 'activation' as custom_model, activation_id as parameter, product_id, within_days * 24 as window_hours
    from {{ source('registry', 'activations') }}
    union all
    select distinct 'funnel' as custom_model, funnel_id as parameter, product_id, window_hours
    from {{ source('registry', 'funnels') }}
)

select
    product_metrics.product_id,
    metrics.metric_id,
    metrics.kind,
    metrics.custom_model,
    metrics.custom_parameter,
    case metrics.custom_model
        -- calendar weeks, one of which may have an hour more
        when 'retention' then {{ safe_number('metrics.custom_parameter') }} * 168 + 1
        else coalesce(windows.window_hours, 0)
    end as look_ahead_hours
from {{ ref('int_product_metrics') }} as product_metrics
inner join metrics on product_metrics.metric_id = metrics.metric_id
left join windows
    on
        metrics.custom_model = windows.custom_model
        and metrics.custom_parameter = windows.parameter
        and product_metrics.product_id = windows.product_id
