-- share of those who started in a week with at least X qualifying actions in the Y days from their start
with

entries as (
    select
        activation_id,
        product_id,
        week_start_date,
        count(*) as started_count,
        count(*) filter (where is_activated) as activated_count
    from {{ ref('int_activation_entries') }}
    group by activation_id, product_id, week_start_date
)

select
    metrics.product_id,
    metrics.metric_id,
    entries.week_start_date,
    cast(entries.activated_count as {{ double_type() }}) as numerator,
    cast(entries.started_count as {{ double_type() }}) as denominator,
    entries.started_count as person_count,
    {{ is_small_part('entries.activated_count', 'entries.started_count', setting_number('suppression_k', 5)) }} as is_small
from {{ ref('int_custom_metrics') }} as metrics
inner join entries
    on metrics.product_id = entries.product_id and metrics.custom_parameter = entries.activation_id
where metrics.custom_model = 'activation'
