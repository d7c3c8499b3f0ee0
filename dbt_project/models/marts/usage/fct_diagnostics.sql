with

diagnostics as (
    select diagnostic_id, diagnostic_name, quantity, coalesce(trailing_days, 91) as trailing_days
    from {{ source('registry', 'diagnostics') }}
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
)

select
    ranked.diagnostic_id,
    ranked.product_id,
    diagnostics.diagnostic_name,
    cast(ranked.reason_rank as integer) as reason_rank,
    coalesce(ranked.reason, 'unknown') as reason,
    ranked.is_unknown,
    case when not ranked.is_small then cast(ranked.amount as {{ double_type() }}) end as amount,
    case when not ranked.is_small then cast(ranked.item_count as bigint) end as item_count,
    case when not ranked.is_small then {{ ratio('ranked.amount', 'ranked.total_amount') }} end as share,
    case when not ranked.is_small then {{ ratio('ranked.running_amount', 'ranked.total_amount') }} end as cumulative_share,
    case when not ranked.is_small then {{ ratio('ranked.unknown_amount', 'ranked.total_amount') }} end as unknown_share,
    coalesce(diagnostics.quantity, 'items') as amount_of,
    cast(diagnostics.trailing_days as integer) as trailing_days,
    case when ranked.is_small then 'suppressed' end as no_value_reason
from ranked
inner join diagnostics on ranked.diagnostic_id = diagnostics.diagnostic_id
