{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- one row per entry into a funnel: a first touch opens a conversion window, and only a touch after its end
-- enters again
with recursive

-- read three times: of an increment kept, of everything it would cost more
touches as {{ '' if is_incremental() else 'not ' }}materialized (
    select funnel_id, product_id, match_value, occurred_at, window_ends_at
    from {{ rows_in_scope(ref('int_funnel_touches'), changed, ['product_id', 'match_value']) }} as touches
    where step_number = 1
),

-- a window is equally long for all touches of a funnel
firsts as (
    select
        funnel_id,
        product_id,
        match_value,
        min(occurred_at) as occurred_at,
        min(window_ends_at) as window_ends_at,
        max(occurred_at) as last_occurred_at
    from touches
    group by funnel_id, product_id, match_value
),

-- which touch would enter after each one, of those who have touches beyond their first window
linked as (
    select
        touches.funnel_id,
        touches.product_id,
        touches.match_value,
        touches.occurred_at,
        touches.window_ends_at,
        min(later.occurred_at) as next_entered_at
    from touches
    inner join firsts
        on
            touches.funnel_id = firsts.funnel_id
            and touches.match_value = firsts.match_value
            and firsts.window_ends_at <= firsts.last_occurred_at
    left join touches as later
        on
            touches.funnel_id = later.funnel_id
            and touches.match_value = later.match_value
            and touches.window_ends_at <= later.occurred_at
    group by
        touches.funnel_id, touches.product_id, touches.match_value, touches.occurred_at, touches.window_ends_at
),

entries as (
    select firsts.funnel_id, firsts.product_id, firsts.match_value, firsts.occurred_at, firsts.window_ends_at,
        linked.next_entered_at
    from firsts
    left join linked
        on
            firsts.funnel_id = linked.funnel_id
            and firsts.match_value = linked.match_value
            and firsts.occurred_at = linked.occurred_at
    union all
    select linked.funnel_id, linked.product_id, linked.match_value, linked.occurred_at, linked.window_ends_at,
        linked.next_entered_at
    from entries
    inner join linked
        on
            entries.funnel_id = linked.funnel_id
            and entries.match_value = linked.match_value
            and entries.next_entered_at = linked.occurred_at
)

select
    funnel_id,
    product_id,
    match_value,
    occurred_at as entered_at,
    window_ends_at,
    {{ week_start('occurred_at') }} as week_start_date
from entries
