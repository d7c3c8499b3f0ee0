{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_match_values_changed'), ['product_id', 'match_value']) }}"
) }}
{% set changed = ref('int_match_values_changed') %}
-- one row per entry into a funnel: a first touch opens a conversion window, and only a touch after its end
-- enters again
with recursive

touches as (
    select distinct funnel_id, product_id, match_value, occurred_at, window_ends_at
    from {{ ref('int_funnel_touches') }}
    where step_number = 1 {{ in_scope(changed, ['product_id', 'match_value']) }}
),

-- which touch would enter after each one
linked as (
    select
        touches.funnel_id,
        touches.product_id,
        touches.match_value,
        touches.occurred_at,
        touches.window_ends_at,
        min(later.occurred_at) as next_entered_at
    from touches
    left join touches as later
        on
            touches.funnel_id = later.funnel_id
            and touches.match_value = later.match_value
            and touches.window_ends_at <= later.occurred_at
    group by
        touches.funnel_id, touches.product_id, touches.match_value, touches.occurred_at, touches.window_ends_at
),

firsts as (
    select funnel_id, match_value, min(occurred_at) as occurred_at
    from linked
    group by funnel_id, match_value
),

entries as (
    select linked.funnel_id, linked.product_id, linked.match_value, linked.occurred_at, linked.window_ends_at,
        linked.next_entered_at
    from linked
    inner join firsts
        on
            linked.funnel_id = firsts.funnel_id
            and linked.match_value = firsts.match_value
            and linked.occurred_at = firsts.occurred_at
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
