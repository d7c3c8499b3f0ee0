-- how far forecasts were off: what was observed is held against the latest forecast made of it before
with

metrics as (
    select product_id, metric_id, custom_parameter
    from {{ ref('int_custom_metrics') }}
    where custom_model = 'forecast_error'
),

excluded_accounts as (
    select actor_id from {{ source('registry', 'excluded_accounts') }}
),

figures as (
    select
        metrics.product_id,
        metrics.metric_id,
        events.event_type,
        events.event_id,
        events.source_id,
        events.subject_id,
        events.occurred_at,
        events.week_start_date,
        {{ safe_number(json_text('events.data', 'metrics.custom_parameter')) }} as amount
    from {{ ref('int_events_of_facts') }} as events
    inner join metrics on events.product_id = metrics.product_id
    left join excluded_accounts on events.actor_id = excluded_accounts.actor_id
    where
        events.event_type in ('forecast.made', 'actual.observed')
        and not events.is_heartbeat
        and excluded_accounts.actor_id is null
        and coalesce(events.actor_kind, 'unknown') <> 'test'
),

paired as (
    select
        actuals.product_id,
        actuals.metric_id,
        actuals.week_start_date,
        actuals.amount as actual_amount,
        forecasts.amount as forecast_amount,
        row_number() over (
            partition by actuals.product_id, actuals.metric_id, actuals.source_id, actuals.event_id
            order by forecasts.occurred_at desc, forecasts.event_id desc
        ) as forecast_number
    from figures as actuals
    inner join figures as forecasts
        on
            actuals.product_id = forecasts.product_id
            and actuals.metric_id = forecasts.metric_id
            and actuals.subject_id = forecasts.subject_id
            and actuals.occurred_at > forecasts.occurred_at
    where
        actuals.event_type = 'actual.observed'
        and forecasts.event_type = 'forecast.made'
        -- nothing can be off by a part of nothing
        and actuals.amount <> 0
        and forecasts.amount is not null
)

select
    product_id,
    metric_id,
    week_start_date,
    {{ ordered('sum', 'abs(forecast_amount - actual_amount) / abs(actual_amount)') }} as numerator,
    cast(count(*) as {{ double_type() }}) as denominator,
    0 as person_count,
    false as is_small
from paired
where forecast_number = 1
group by product_id, metric_id, week_start_date
