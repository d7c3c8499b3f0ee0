-- the verdict on each KPI and its balances, per week: the first matching row of the decision table
with

pairs as (
    select
        kpi_id, product_id, metric_id, week_start_date, lead_period_start_date, lead_value, signal,
        limit_state, trust_grade, has_usable_period, is_suppressed,
        has_enough_data, balance_count, breached_count, held_count, untrusted_balance_count, states,
        is_tripped, tripwire_ids, unverified_tripwire_ids
    from {{ ref('int_pair_states') }}
),

ruled as (
    select
        pairs.*,
        {{ pair_rule(
            'trust_grade', 'has_enough_data', 'signal', 'balance_count', 'breached_count', 'held_count'
        ) }} as pair_rule_number
    from pairs
),

decided as (
    select
        ruled.*,
        case when is_tripped then 1 else pair_rule_number end as rule_number,
        {{ verdict_of_rule('pair_rule_number') }} as pair_verdict
    from ruled
),

-- what was last read where nothing of the pair was in doubt; its week stands before it, which sorts
remembered as (
    select
        decided.*,
        max(
            case
                when pair_rule_number >= 4 and untrusted_balance_count = 0
                    then cast(week_start_date as varchar) || pair_verdict
            end
        ) over (
            partition by product_id, kpi_id
            order by week_start_date rows between unbounded preceding and 1 preceding
        ) as last_sound,
        pair_rule_number = 2 or pair_rule_number >= 4 and untrusted_balance_count > 0 as is_doubtful
    from decided
),

compared as (
    select
        remembered.*,
        lag(pair_rule_number) over (partition by product_id, kpi_id order by week_start_date)
        as previous_rule_number
    from remembered
),

-- a change is confirmed where the balances are known too; the week it was reached is its date
changed as (
    select
        compared.*,
        case
            when pair_rule_number in (4, 6, 7, 8) and pair_rule_number <> coalesce(previous_rule_number, 0) then 1
            else 0
        end as is_new_change
    from compared
),

dated as (
    select
        changed.*,
        sum(is_new_change) over (
            partition by product_id, kpi_id order by week_start_date rows unbounded preceding
        ) as change_number
    from changed
)

select
    product_id,
    kpi_id,
    metric_id,
    week_start_date,
    lead_period_start_date,
    lead_value,
    signal,
    limit_state,
    has_usable_period,
    is_suppressed,
    {{ verdict_of_rule('rule_number') }} as verdict,
    rule_number,
    pair_verdict,
    pair_rule_number,
    states,
    trust_grade,
    is_tripped,
    tripwire_ids,
    unverified_tripwire_ids,
    untrusted_balance_count,
    case when is_doubtful then substr(last_sound, 11) end as last_sound_verdict,
    cast(case when is_doubtful then substr(last_sound, 1, 10) end as date) as last_sound_date,
    max(case when is_new_change = 1 then pair_verdict end) over changes as last_confirmed_verdict,
    max(case when is_new_change = 1 then week_start_date end) over changes as last_confirmed_date
from dated
window changes as (partition by product_id, kpi_id, change_number)
