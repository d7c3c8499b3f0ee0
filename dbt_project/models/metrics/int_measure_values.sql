{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ replaced_by_items(ref('int_items_changed'), ref('int_measures_unsettled'), source('built', 'run_plan')) }}"
) }}
{% set changed, unsettled = ref('int_items_changed'), ref('int_measures_unsettled') %}
{% set run_plan = source('built', 'run_plan') %}
-- depends_on: {{ ref('int_measure_values_left') }}
-- the long measure table: one row per measure and counted item
with

measures as (
    select
        measure_id,
        aggregate,
        quantity,
        unit_key,
        followed_by_event_type
    from {{ source('registry', 'measures') }}
    where aggregate <> 'open_at_period_end'
),

items as (
    select
        measure_id,
        item_kind,
        item_id,
        product_id,
        source_id,
        subject_id,
        actor_id,
        actor_kind,
        anchored_at,
        week_start_date,
        sampled_rate
    from {{ rows_in_scope_of_items(ref('int_measure_items'), changed, unsettled, run_plan) }} as items
),

dimensions as (
    select item_kind, item_id, dimension, value_text
    from {{ ref('int_item_dimensions') }}
),

followed as (
    select measure_id, item_kind, item_id, follower_count from {{ ref('int_measure_items_followed') }}
),

counted as (
    select
        items.measure_id,
        items.product_id,
        items.item_id,
        items.source_id,
        items.subject_id,
        items.anchored_at,
        items.week_start_date,
        measures.aggregate,
        -- a service that acts is not a person
        case when coalesce(items.actor_kind, 'human') not in ('service', 'bot', 'test') then items.actor_id end as person_id,
        case measures.unit_key when 'subject' then items.subject_id when 'actor' then items.actor_id else items.item_id end
            as unit_key,
        items.sampled_rate,
        {{ safe_number('quantities.value_text') }} as quantity,
        case
            when measures.aggregate = 'sum' then items.sampled_rate * {{ safe_number('quantities.value_text') }}
            when measures.aggregate = 'count_followers'
                then cast(items.sampled_rate * followed.follower_count as {{ double_type() }})
            when measures.aggregate = 'count' then cast(items.sampled_rate as {{ double_type() }})
            else 1.0
        end as amount
    from items
    inner join measures on items.measure_id = measures.measure_id
    left join dimensions as quantities
        on
            items.item_kind = quantities.item_kind
            and items.item_id = quantities.item_id
            and measures.quantity = quantities.dimension
    left join followed
        on
            items.measure_id = followed.measure_id
            and items.item_kind = followed.item_kind
            and items.item_id = followed.item_id
    where measures.followed_by_event_type is null or followed.item_id is not null
)

select
    measure_id,
    product_id,
    item_id,
    source_id,
    subject_id,
    anchored_at,
    week_start_date,
    person_id,
    unit_key,
    amount,
    quantity,
    sampled_rate
from counted
-- an item without the quantity to add is no part of a sum, and nobody is no person
where
    amount is not null
    and (aggregate <> 'distinct_people' or person_id is not null)
    and (aggregate <> 'distinct_actors' or unit_key is not null)
