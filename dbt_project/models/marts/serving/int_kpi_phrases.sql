-- what a reading says about the balancing metrics and tripwires of a KPI in a week
with

balances as (
    select
        balance_states.product_id,
        balance_states.kpi_id,
        balance_states.week_start_date,
        balance_states.metric_id,
        balance_states.state,
        balance_states.reason,
        balance_states.lost_words,
        {{ lower_first('metrics.metric_name') }} as metric_words,
        balance_states.after_value - balance_states.before_value as change,
        {{ humanise('balance_states.before_value', 'balance_states.unit') }} as before_words,
        {{ humanise('balance_states.after_value', 'balance_states.unit') }} as after_words
    from {{ ref('fct_balance_states') }} as balance_states
    inner join {{ ref('dim_metrics') }} as metrics
        on balance_states.metric_id = metrics.metric_id
),

balance_phrases as (
    select
        product_id,
        kpi_id,
        week_start_date,
        string_agg(
            metric_words || coalesce(
                case when change > 0 then ' rose from ' else ' fell from ' end
                || {{ without_unit('before_words', 'after_words') }} || ' to ' || after_words,
                ' moved beyond the margin'
            ), ' and ' order by metric_id
        ) filter (where state = 'breached') as breached,
        string_agg(metric_words, ' and ' order by metric_id)
            filter (where state = 'unresolved') as unresolved,
        string_agg(metric_words, ' and ' order by metric_id)
            filter (where state = 'held') as held,
        string_agg(metric_id || '=' || state, '; ' order by metric_id) as balance_states
    from balances
    group by product_id, kpi_id, week_start_date
),

-- one cause is told once
unreadable_together as (
    select
        product_id,
        kpi_id,
        week_start_date,
        coalesce(lost_words, 'withheld') as lost_words,
        min(metric_id) as metric_id,
        string_agg(metric_words, ' and ' order by metric_id) as metric_words
    from balances
    where reason = 'untrusted'
    group by product_id, kpi_id, week_start_date, coalesce(lost_words, 'withheld')
),

unreadable_phrases as (
    select
        product_id,
        kpi_id,
        week_start_date,
        string_agg(metric_words || ' (' || lost_words || ')', '; ' order by metric_id) as unreadable
    from unreadable_together
    group by product_id, kpi_id, week_start_date
),

tripwire_phrases as (
    select
        product_id,
        kpi_id,
        week_start_date,
        count(*) filter (where is_crossed) as crossed_tripwire_count,
        string_agg(
            metric_name || ' reached '
            || coalesce({{ humanise('observed_value', 'unit') }}, 'the line')
            || ', past the agreed line of ' || {{ humanise('threshold', 'unit') }},
            '; ' order by tripwire_id
        ) filter (where state = 'crossed') as crossed,
        string_agg(
            metric_name || ' crossed the agreed line of ' || {{ humanise('threshold', 'unit') }}
            || ' in the week of ' || cast(last_crossed_week_start_date as varchar),
            '; ' order by tripwire_id
        ) filter (where state = 'crossed_lately') as crossed_lately
    from {{ ref('fct_tripwire_states') }}
    group by product_id, kpi_id, week_start_date
)

select
    verdicts.product_id,
    verdicts.kpi_id,
    verdicts.week_start_date,
    coalesce(balance_phrases.breached, 'something that balances it got worse') as breached,
    coalesce(balance_phrases.unresolved, 'anything that balances it') as unresolved,
    coalesce(balance_phrases.held, 'what balances it') as held,
    unreadable_phrases.unreadable,
    balance_phrases.balance_states,
    coalesce(tripwire_phrases.crossed_tripwire_count, 0) as crossed_tripwire_count,
    coalesce(
        tripwire_phrases.crossed, tripwire_phrases.crossed_lately, 'A tripwire was crossed'
    ) as tripwire
from {{ ref('int_verdicts') }} as verdicts
left join balance_phrases
    on verdicts.product_id = balance_phrases.product_id
    and verdicts.kpi_id = balance_phrases.kpi_id
    and verdicts.week_start_date = balance_phrases.week_start_date
left join unreadable_phrases
    on verdicts.product_id = unreadable_phrases.product_id
    and verdicts.kpi_id = unreadable_phrases.kpi_id
    and verdicts.week_start_date = unreadable_phrases.week_start_date
left join tripwire_phrases
    on verdicts.product_id = tripwire_phrases.product_id
    and verdicts.kpi_id = tripwire_phrases.kpi_id
    and verdicts.week_start_date = tripwire_phrases.week_start_date
