-- amounts by reason; what nobody gave a reason for is NULL, and few people's reasons are pooled as other
with

diagnostics as (
    select
        diagnostic_id,
        product_id,
        coalesce(subject_kind, 'item') = 'person' as is_of_people,
        -- sums of what people booked need more people than counts do
        case
            when quantity is null then {{ setting_number('suppression_k', 5) }}
            else {{ setting_number('suppression_k_sensitive', 10) }}
        end as least_people
    from {{ source('registry', 'diagnostics') }}
),

reasons as (
    select diagnostic_id, reason, count(distinct person_id) as person_count
    from {{ ref('int_diagnostic_items') }}
    group by diagnostic_id, reason
),

pooled as (
    select
        diagnostics.product_id,
        items.diagnostic_id,
        items.person_id,
        items.amount,
        diagnostics.is_of_people,
        diagnostics.least_people,
        items.reason is null as is_unknown,
        case
            when items.reason is null then null
            when diagnostics.is_of_people and reasons.person_count < diagnostics.least_people then 'other'
            else items.reason
        end as reason
    from {{ ref('int_diagnostic_items') }} as items
    inner join diagnostics on items.diagnostic_id = diagnostics.diagnostic_id
    inner join reasons
        on items.diagnostic_id = reasons.diagnostic_id and items.reason is not distinct from reasons.reason
)

select
    product_id,
    diagnostic_id,
    reason,
    is_unknown,
    {{ ordered('sum', 'amount') }} as amount,
    count(*) as item_count,
    -- a pool of too few people hides the whole table, since the amounts add up
    bool_or(is_of_people and count(distinct person_id) < least_people)
        over (partition by diagnostic_id) as is_small
from pooled
group by product_id, diagnostic_id, reason, is_unknown, is_of_people, least_people
