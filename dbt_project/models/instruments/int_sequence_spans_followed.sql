{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_sequence_spans_changed'), ['source_id', 'span_number']) }}"
) }}
{% set changed = ref('int_sequence_spans_changed') %}
{% set in_span = 'source_id, span_number' %}
-- grain: source that numbers its events, stretch of its numbers, week. The week of a stretch's first number
-- also has where the stretch begins and ends, so that it can be held against the one before it.
with

numbered as (
    select
        source_id,
        {{ sequence_span('sequence') }} as span_number,
        {{ whole_number('sequence') }} as sequence_number,
        min({{ evidence_key() }}) as event_id,
        min(occurred_week_start_date) as week_start_date
    from {{ ref('int_events_known') }}
    where
        sequence is not null
        and source_id is not null
        and occurred_week_start_date is not null
        and {{ whole_number('sequence') }} is not null
        {% if is_incremental() -%}
        and (source_id, {{ sequence_span('sequence') }}) in (select {{ in_span }} from {{ changed }})
        {%- endif %}
    group by source_id, {{ sequence_span('sequence') }}, {{ whole_number('sequence') }}
),

jumps as (
    select
        *,
        sequence_number
        - lag(sequence_number) over (partition by {{ in_span }} order by sequence_number) - 1 as jumped_count,
        max(sequence_number) over (partition by {{ in_span }}) as last_number
    from numbered
)

select
    source_id,
    span_number,
    week_start_date,
    count(jumped_count) as number_count,
    coalesce(cast(sum(jumped_count) as bigint), 0) as missing_count,
    {{ smallest_ids('event_id', 'jumped_count > 0') }} as after_gap_ids,
    min(case when jumped_count is null then sequence_number end) as first_number,
    min(case when jumped_count is null then event_id end) as first_event_id,
    min(case when jumped_count is null then last_number end) as last_number
from jumps
group by source_id, span_number, week_start_date
