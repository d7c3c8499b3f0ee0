-- grain: source, event type ('*' if it is about the whole source), week, check, aspect

{% set counted = ref('int_instrument_events_counted') %}
{% set finishes = ref('int_instrument_finishes_matched') %}
{% set starts = ref('int_instrument_starts_matched') %}
{% set clocks, of_types = ref('int_instrument_clocks_compared'), ref('int_instrument_clocks_by_type') %}
{% set silences = ref('int_instrument_sources_silent') %}
{% set schemas = ref('int_instrument_schemas_checked') %}
{% set actors = ref('int_instrument_actors_resolved') %}
{% set types = ref('int_instrument_types_planned') %}
{% set timed = ref('int_instrument_tasks_timed') %}
{% set stamps = ref('int_instrument_stamps_heaped') %}
{% set steps = ref('int_instrument_steps_ordered') %}
{% set accounts = ref('int_instrument_accounts_judged') %}
{% set sequences = ref('int_instrument_sequences_followed') %}
{% set repeated, lost = ref('int_instrument_events_repeated'), ref('int_instrument_events_lost') %}
{% set unread, shared = ref('int_instrument_lines_unread'), ref('int_instrument_accounts_shared') %}

{#- shares: check, its counts, n, the part of it that is defective (5: that came to an end), ids -#}
{% set shares = [
    (1, counted, 'received_count', 'redelivered_count', 'redelivered_ids'),
    (2, counted, 'distinct_count', 'counted_twice_count', 'counted_twice_ids'),
    (2, repeated, 'event_count', 'instant_count', 'repeated_ids'),
    (3, counted, 'received_count', 'other_payload_count', 'other_payload_ids'),
    (4, finishes, 'finish_count', 'orphan_count', 'orphan_ids'),
    (5, starts, 'start_count', 'ended_count', 'unended_ids'),
    (6, finishes, 'finish_count', 'negative_count', 'negative_ids'),
    (7, timed, 'finish_count', 'zero_count', 'zero_ids'),
    (12, schemas, 'event_count', 'invalid_count', 'invalid_ids'),
    (12, unread, 'line_count', 'unread_count', 'unread_ids'),
    (13, steps, 'traveller_count', 'out_of_order_count', 'out_of_order_ids'),
    (15, shared, 'event_count', 'shared_count', 'null'),
    (16, actors, 'event_count', 'unresolved_count', 'unresolved_ids'),
    (18, types, 'event_count', 'unplanned_count', 'unplanned_ids'),
    (20, sequences, 'expected_count', 'missing_count', 'after_gap_ids'),
    (20, lost, 'event_count', 'lost_count', 'null'),
] %}
{#- quantities of a whole source, or of a type of it: check, its figures, n, defective, statistic, held against, ids -#}
{% set quantities = [
    (9, clocks, 'event_count', 'negative_count', 'median_lag_seconds', 'shortest_tau_seconds',
        'negative_ids'),
    (9, of_types, 'event_count', 'negative_count', 'median_lag_seconds', 'shortest_tau_seconds',
        'negative_ids'),
    (10, clocks, 'delivered_count', 'null', 'p95_lag_hours', 'declared_lateness_hours', 'late_ids'),
    (11, silences, 'sign_count', 'null', 'silent_days', 'silence_horizon_days', 'null'),
] %}
with

statistics as (
    {% for check_id, model, n, numerator, ids in shares %}
        select
            source_id,
            {{ 'event_type' if check_id != 18 else "'*'" }} as event_type,
            week_start_date,
            {{ check_id }} as check_id,
            {% set own = 'property' if model == schemas else 'aspect' if model in (unread, repeated, lost)
                else "'shared'" if model == shared -%}
            cast({{ own or 'null' }} as varchar) as aspect,
            {{ n }} as n,
            {{ numerator }} as numerator,
            {{ ratio(numerator, n) }} as statistic,
            cast(null as {{ double_type() }}) as expected,
            {{ ids }} as evidence
        from {{ model }}
        union all
    {% endfor %}
    -- where stamps may heap; held against the share that even stamps would have there
    select
        source_id,
        event_type,
        week_start_date,
        8 as check_id,
        aspect,
        stamp_count as n,
        heaped_count as numerator,
        heaping_index as statistic,
        even_share as expected,
        heaped_ids as evidence
    from {{ stamps }}
    union all
    -- held against the length of the list of excluded accounts: without one nothing is removed
    select
        source_id,
        event_type,
        week_start_date,
        15 as check_id,
        cast(null as varchar) as aspect,
        event_count as n,
        automated_count as numerator,
        {{ ratio('automated_count', 'event_count') }} as statistic,
        listed_count as expected,
        automated_ids as evidence
    from {{ accounts }}
    union all
    {% for check_id, model, n, numerator, statistic, expected, ids in quantities %}
        select
            source_id,
            {{ 'event_type' if model == of_types else "'*'" }} as event_type,
            week_start_date,
            {{ check_id }} as check_id,
            cast(null as varchar) as aspect,
            {{ n }} as n,
            {{ numerator }} as numerator,
            {{ statistic }} as statistic,
            {{ expected }} as expected,
            {{ ids }} as evidence
        from {{ model }}
        where {{ statistic }} is not null
        {% if not loop.last %} union all {% endif %}
    {% endfor %}
)

select
    source_id,
    event_type,
    week_start_date,
    check_id,
    cast(aspect as varchar) as aspect,
    n,
    cast(numerator as bigint) as numerator,
    cast(statistic as {{ double_type() }}) as statistic,
    cast(expected as {{ double_type() }}) as expected,
    evidence
from statistics
