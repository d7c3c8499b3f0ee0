with

diagnostics as (
    select
        diagnostic_id, product_id, diagnostic_name, item_kind, item_type, quantity,
        coalesce(trailing_days, 91) as trailing_days
    from {{ source('registry', 'diagnostics') }}
),

-- tables whose rows add up to what a hidden figure about people counts: parts of the whole tell no number
coarse as (
    select diagnostics.diagnostic_id
    from diagnostics
    inner join {{ ref('int_person_event_types') }} as people
        on
            diagnostics.item_kind = 'event'
            and diagnostics.product_id = people.product_id
            and diagnostics.item_type = people.event_type
            and people.is_hidden
            and not people.is_beside
    union
    select diagnostics.diagnostic_id
    from diagnostics
    inner join {{ ref('int_secret_task_types') }} as secret
        on
            diagnostics.item_kind = 'task'
            and diagnostics.product_id = secret.product_id
            and diagnostics.item_type = secret.task_type_id
),

ranked as (
    select
        product_id,
        diagnostic_id,
        reason,
        is_unknown,
        amount,
        item_count,
        is_small,
        -- whole rows in one order, so that equal runs add up to equal last digits
        sum(amount) over whole as total_amount,
        sum(case when is_unknown then amount else 0 end) over whole as unknown_amount,
        row_number() over (partition by diagnostic_id order by is_unknown, amount desc, reason) as reason_rank,
        sum(amount) over (
            partition by diagnostic_id
            order by is_unknown, amount desc, reason
            rows between unbounded preceding and current row
        ) as running_amount
    from {{ ref('int_diagnostic_reasons') }}
    window whole as (
        partition by diagnostic_id
        order by is_unknown, amount desc, reason
        rows between unbounded preceding and unbounded following
    )
),

shared as (
    select
        ranked.*,
        coarse.diagnostic_id is not null as is_coarse,
        coalesce(trust.trust_grade, 'D') as trust_grade,
        ranked.is_small or coalesce(trust.trust_grade, 'D') = 'D' as is_hidden,
        {{ ratio('ranked.amount', 'ranked.total_amount') }} as share,
        {{ ratio('ranked.running_amount', 'ranked.total_amount') }} as cumulative_share,
        {{ ratio('ranked.unknown_amount', 'ranked.total_amount') }} as unknown_share
    from ranked
    left join coarse on ranked.diagnostic_id = coarse.diagnostic_id
    left join {{ ref('int_diagnostic_trust') }} as trust on ranked.diagnostic_id = trust.diagnostic_id
)

select
    shared.diagnostic_id,
    shared.product_id,
    diagnostics.diagnostic_name,
    cast(shared.reason_rank as integer) as reason_rank,
    coalesce(shared.reason, 'unknown') as reason,
    shared.is_unknown,
    case when not shared.is_hidden and not shared.is_coarse then cast(shared.amount as {{ double_type() }}) end as amount,
    case when not shared.is_hidden and not shared.is_coarse then cast(shared.item_count as bigint) end as item_count,
    {% for column in ['share', 'cumulative_share', 'unknown_share'] -%}
    case
        when shared.is_hidden then null
        when shared.is_coarse then round(shared.{{ column }}, 2)
        else shared.{{ column }}
    end as {{ column }},
    {% endfor -%}
    coalesce(diagnostics.quantity, 'items') as amount_of,
    cast(diagnostics.trailing_days as integer) as trailing_days,
    shared.is_coarse,
    case when shared.is_small then 'suppressed' when shared.is_hidden then 'withheld' end as no_value_reason,
    shared.trust_grade
from shared
inner join diagnostics on shared.diagnostic_id = diagnostics.diagnostic_id
