-- grain: source that numbers its events, week. A jump counts in the week of the event that comes after it.
{% set new_numbering = 1000000 %}
with

spans as (
    select
        source_id, span_number, week_start_date, number_count, missing_count, after_gap_ids, first_number,
        first_event_id, last_number
    from {{ ref('int_sequence_spans_followed') }}
),

-- from one stretch of numbers to the next
borders as (
    select
        source_id,
        week_start_date,
        first_event_id as event_id,
        first_number - lag(last_number) over (partition by source_id order by span_number) - 1 as jumped_count
    from spans
    where first_number is not null
),

losses as (
    select
        source_id,
        week_start_date,
        event_id,
        -- a counter that starts anew elsewhere has lost nothing
        case when jumped_count < {{ new_numbering }} then jumped_count else 0 end as missing_count
    from borders
    where jumped_count is not null
),

counted as (
    select source_id, week_start_date, number_count, missing_count from spans where number_count > 0
    union all
    select source_id, week_start_date, 1 as number_count, missing_count from losses
),

after_gaps as (
    select source_id, week_start_date, {{ listed_ids('after_gap_ids') }} as event_id
    from spans
    where after_gap_ids is not null
    union all
    select source_id, week_start_date, event_id from losses where missing_count > 0
),

evidence as (
    select source_id, week_start_date, {{ smallest_ids('event_id', 'true') }} as after_gap_ids
    from after_gaps
    group by source_id, week_start_date
),

weeks as (
    select
        source_id,
        week_start_date,
        cast(sum(number_count) + sum(missing_count) as bigint) as expected_count,
        cast(sum(missing_count) as bigint) as missing_count
    from counted
    group by source_id, week_start_date
)

select
    weeks.source_id,
    '*' as event_type,
    weeks.week_start_date,
    weeks.expected_count,
    weeks.missing_count,
    evidence.after_gap_ids
from weeks
left join evidence
    on weeks.source_id = evidence.source_id and weeks.week_start_date = evidence.week_start_date
