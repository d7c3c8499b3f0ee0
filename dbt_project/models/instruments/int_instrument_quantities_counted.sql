{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_source_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_source_weeks_changed') %}
{#- logarithms in ten thousandths: whole numbers add up to the same in whatever order they come -#}
{% set log_units = 10000 %}
{#- of them; amounts of one magnitude differ by a tenth at most -#}
{% set magnitude_units = '1000.0' %}
-- grain: source, event type, week of occurrence, quantity that a measure sums or that is held
-- against a number, magnitude, sign; those of no magnitude are zero or negative, those of no sign no number
with

quantities as (
    select
        item_type as event_type,
        quantity as property
    from {{ source('registry', 'measures') }}
    where item_kind = 'event' and quantity is not null
    union
    select
        measures.item_type as event_type,
        filters.dimension as property
    from {{ source('registry', 'measures') }} as measures
    inner join {{ source('registry', 'measure_filters') }} as filters on measures.measure_id = filters.measure_id
    where measures.item_kind = 'event' and filters.operator in ('<', '<=', '>', '>=')
    union
    select
        event_type,
        quantity as property
    from {{ source('registry', 'people_limits') }}
),

amounts as (
    select
        events.source_id,
        events.event_type,
        events.occurred_week_start_date as week_start_date,
        events.event_id,
        quantities.property,
        {{ safe_number(json_text('events.data', 'quantities.property')) }} as amount
    from {{ ref('int_events_known') }} as events
    inner join quantities on events.event_type = quantities.event_type
    where
        events.classification = 'accepted'
        and not coalesce(events.is_heartbeat, false)
        and {{ json_text('events.data', 'quantities.property') }} is not null
        {% if is_incremental() -%}
        and (events.source_id, events.occurred_week_start_date) in (select source_id, week_start_date from {{ changed }})
        {%- endif %}
),

logs as (
    select
        *,
        -- infinity and "not a number" are no amounts either
        coalesce(not abs(amount) <= 1e300, true) as is_unreadable,
        cast(round(
            ln(case when amount > 0 and amount <= 1e300 then amount end) * {{ log_units }}
        ) as bigint) as amount_log
    from amounts
),

magnitudes as (
    select
        *,
        cast(floor(amount_log / {{ magnitude_units }}) as bigint) as magnitude,
        case when not is_unreadable then cast(sign(amount) as bigint) end as amount_sign
    from logs
)

select
    source_id,
    event_type,
    week_start_date,
    property,
    magnitude,
    amount_sign,
    count(*) as event_count,
    count(*) filter (where is_unreadable) as unreadable_count,
    {{ smallest_ids('event_id', 'is_unreadable') }} as unreadable_ids,
    {{ smallest_ids('event_id', 'not is_unreadable') }} as event_ids,
    min(amount_log) as least_log,
    max(amount_log) as most_log,
    cast(sum(amount_log) as bigint) as log_sum,
    cast(sum(amount_log * amount_log) as {{ double_type() }}) as log_square_sum
from magnitudes
group by source_id, event_type, week_start_date, property, magnitude, amount_sign
