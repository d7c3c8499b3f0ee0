-- grain: source, event type ('*' if it is about the whole source), week, check

{% set counted = ref('int_instrument_events_counted') %}
{% set finishes = ref('int_instrument_finishes_matched') %}
{% set starts = ref('int_instrument_starts_matched') %}
{% set clocks = ref('int_instrument_clocks_compared') %}
{% set silences = ref('int_instrument_sources_silent') %}
{% set schemas = ref('int_instrument_schemas_checked') %}
{% set actors = ref('int_instrument_actors_resolved') %}
{% set types = ref('int_instrument_types_planned') %}

{#- shares: check, its counts, n, the part of it that is defective (5: that came to an end), ids -#}
{% set shares = [
    (1, counted, 'received_count', 'redelivered_count', 'redelivered_ids'),
    (2, counted, 'distinct_count', 'counted_twice_count', 'counted_twice_ids'),
    (3, counted, 'received_count', 'other_payload_count', 'other_payload_ids'),
    (4, finishes, 'finish_count', 'orphan_count', 'orphan_ids'),
    (5, starts, 'start_count', 'ended_count', 'unended_ids'),
    (6, finishes, 'finish_count', 'negative_count', 'negative_ids'),
    (12, schemas, 'event_count', 'invalid_count', 'invalid_ids'),
    (16, actors, 'event_count', 'unresolved_count', 'unresolved_ids'),
    (18, types, 'event_count', 'unplanned_count', 'unplanned_ids'),
] %}

{#- quantities of a whole source: check, its figures, n, defective, statistic, held against, ids -#}
{% set quantities = [
    (9, clocks, 'event_count', 'negative_count', 'median_lag_seconds', 'shortest_tau_seconds',
        'negative_ids'),
    (10, clocks, 'delivered_count', 'null', 'p95_lag_hours', 'declared_lateness_hours', 'null'),
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
            {{ n }} as n,
            {{ numerator }} as numerator,
            {{ ratio(numerator, n) }} as statistic,
            null as expected,
            {{ ids }} as evidence
        from {{ model }}
        union all
    {% endfor %}
    {% for check_id, model, n, numerator, statistic, expected, ids in quantities %}
        select
            source_id,
            '*' as event_type,
            week_start_date,
            {{ check_id }} as check_id,
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
    n,
    cast(numerator as bigint) as numerator,
    cast(statistic as {{ double_type() }}) as statistic,
    cast(expected as {{ double_type() }}) as expected,
    evidence
from statistics
