-- grain: source that numbers its events, week. A jump counts in the week of the event that comes after it.
{% set new_numbering = 1000000 %}
with

numbered as (
    select
        source_id,
        {{ whole_number('sequence') }} as sequence_number,
        min({{ evidence_key() }}) as event_id,
        min(occurred_week_start_date) as week_start_date
    from {{ ref('int_events_known') }}
    where sequence is not null and source_id is not null and occurred_week_start_date is not null
    group by source_id, {{ whole_number('sequence') }}
),

jumps as (
    select
        source_id,
        week_start_date,
        event_id,
        sequence_number
        - lag(sequence_number) over (partition by source_id order by sequence_number) - 1 as jumped_count
    from numbered
    where sequence_number is not null
),

losses as (
    select
        source_id,
        week_start_date,
        event_id,
        -- a counter that starts anew elsewhere has lost nothing
        case when jumped_count < {{ new_numbering }} then jumped_count else 0 end as missing_count
    from jumps
    where jumped_count is not null
)

select
    source_id,
    '*' as event_type,
    week_start_date,
    count(*) + cast(sum(missing_count) as bigint) as expected_count,
    cast(sum(missing_count) as bigint) as missing_count,
    {{ smallest_ids('event_id', 'missing_count > 0') }} as after_gap_ids
from losses
group by source_id, week_start_date
