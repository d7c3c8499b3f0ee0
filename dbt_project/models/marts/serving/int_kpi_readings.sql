-- one sentence per verdict: the template of `ref_readings` filled with words and figures
with

verdicts as (
    select
        product_id, kpi_id, week_start_date, verdict, pair_verdict, untrusted_balance_count,
        {{ said_verdict('verdict', 'untrusted_balance_count') }} as said_verdict,
        {{ said_verdict('pair_verdict', 'untrusted_balance_count') }} as said_pair_verdict,
        last_sound_verdict, last_sound_date
    from {{ ref('int_verdicts') }}
),

words as (
    select
        verdicts.product_id, verdicts.kpi_id, verdicts.week_start_date, verdicts.verdict, verdicts.pair_verdict,
        verdicts.said_verdict, verdicts.said_pair_verdict,
        metrics.metric_name as lead_words,
        {{ humanise('figures.before_value', 'metrics.unit') }} as before_words,
        {{ humanise('figures.after_value', 'metrics.unit') }} as after_words,
        case when figures.after_value > figures.before_value then 'rose' else 'fell' end as moved,
        coalesce('since ' || cast(signals.signal_from_date as varchar), 'lately') as since,
        coalesce(
            'it is ' || obstacles.lost_words || case
                when obstacles.is_lost_still then '. Mend the instrument first'
                else '. Later weeks can be believed, but a verdict goes by the four latest complete periods together'
            end,
            'its source did not pass its checks. Mend the instrument first'
        ) as trust,
        coalesce(
            ' Last trusted: ' || {{ humanise('obstacles.last_trusted_value', 'metrics.unit') }}
            || ', ' || replace(metrics.natural_period, '_', ' ')
            || ' of ' || cast(obstacles.last_trusted_period_start_date as varchar) || '.',
            ''
        ) as trusted,
        obstacles.why,
        phrases.unreadable,
        coalesce(
            ' Last sound verdict: "' || {{ verdict_words('verdicts.last_sound_verdict') }}
            || '", week of ' || cast(verdicts.last_sound_date as varchar) || '.', ''
        ) as sound,
        phrases.breached,
        phrases.unresolved,
        phrases.held,
        phrases.tripwire
    from verdicts
    inner join {{ ref('dim_kpis') }} as kpis on verdicts.kpi_id = kpis.kpi_id
    inner join {{ ref('dim_metrics') }} as metrics on kpis.metric_id = metrics.metric_id
    inner join {{ ref('int_kpi_phrases') }} as phrases
        on verdicts.product_id = phrases.product_id
        and verdicts.kpi_id = phrases.kpi_id
        and verdicts.week_start_date = phrases.week_start_date
    inner join {{ ref('int_kpi_obstacles') }} as obstacles
        on verdicts.product_id = obstacles.product_id
        and verdicts.kpi_id = obstacles.kpi_id
        and verdicts.week_start_date = obstacles.week_start_date
    left join {{ ref('int_kpi_figures') }} as figures
        on verdicts.product_id = figures.product_id
        and verdicts.kpi_id = figures.kpi_id
        and verdicts.week_start_date = figures.week_start_date
    left join {{ ref('int_signals') }} as signals
        on verdicts.product_id = signals.product_id
        and kpis.metric_id = signals.metric_id
        and verdicts.week_start_date = signals.week_start_date
),

templates as (
    select verdict, has_figures, conversation, reading, what_would_change_it
    from {{ ref('ref_readings') }}
),

shortened as (
    select
        words.*,
        {{ without_unit('before_words', 'after_words') }} as from_words
    from words
),

pair_readings as (
    select
        words.*,
        {{ filled_reading('templates.reading') }} as pair_reading
    from shortened as words
    inner join templates
        on words.said_pair_verdict = templates.verdict
        and (words.before_words is not null and words.after_words is not null)
        = templates.has_figures
)

select
    pair_readings.product_id,
    pair_readings.kpi_id,
    pair_readings.week_start_date,
    templates.conversation,
    case
        when pair_readings.verdict = pair_readings.pair_verdict then pair_readings.pair_reading
        else replace(
            replace(
                templates.reading, '{Tripwire}', {{ capitalised('pair_readings.tripwire') }}
            ),
            '{Pair}', pair_readings.pair_reading
        )
    end
    -- no other row looks at a balance that can't be read
    || case
        when pair_readings.unreadable is not null
            and pair_readings.said_pair_verdict
            not in ('untrusted', 'insufficient_data', 'improved_balance_untrusted')
            then ' Not all that balances it can be read: ' || pair_readings.unreadable || '.'
        else ''
    end as reading,
    nullif(trim(pair_readings.sound || coalesce(' ' || weeks_ahead.ahead, '')), '') as reading_note,
    templates.what_would_change_it
from pair_readings
inner join templates
    on pair_readings.said_verdict = templates.verdict
    and not templates.has_figures
left join {{ ref('int_kpi_weeks_ahead') }} as weeks_ahead
    on pair_readings.product_id = weeks_ahead.product_id
    and pair_readings.kpi_id = weeks_ahead.kpi_id
    and pair_readings.week_start_date = weeks_ahead.week_start_date
