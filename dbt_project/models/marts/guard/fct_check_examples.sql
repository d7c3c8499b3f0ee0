-- where in the landing zone the events lie that a finding is about
{#- what the line shows, by check of the method -#}
{% set shown = {
    1: 'came again', 2: 'the second of two', 3: 'an id that was taken', 4: 'a finish without a start',
    5: 'a start without an end', 6: 'a finish before its start', 7: 'the start of a task that took no time',
    8: 'a rounded stamp', 9: 'received before it occurred', 10: 'later than declared',
    12: 'breaks its schema', 16: 'no actor', 18: 'a type that no plan names', 20: 'the first after a gap',
} %}
with

people as (
    select distinct source_id, event_type from {{ ref('int_person_event_types') }} where is_hidden
),

findings as (
    select source_id, event_type, week_start_date, check_id, cast(null as varchar) as expectation
    from {{ ref('fct_instrument_checks') }}
    -- what has no count for the sake of people has no examples either: they could be counted
    where severity > 0 and n is not null
    union all
    select substr(dataset, 8) as source_id, event_type, week_start_date, null as check_id, expectation
    from {{ ref('fct_contract_checks') }}
    where severity > 0 and element_count is not null and dataset like 'source/%'
),

evidence as (
    select
        findings.source_id, findings.event_type, findings.week_start_date, findings.check_id,
        findings.expectation, evidence.evidence_key, evidence.copy_reason
    from findings
    inner join {{ source('guard', 'check_evidence') }} as evidence
        on
            findings.source_id = evidence.source_id
            and findings.event_type = evidence.event_type
            and findings.week_start_date = evidence.week_start_date
            and (findings.check_id = evidence.check_id or findings.expectation = evidence.expectation)
),

wanted as (
    select evidence.*, source_id as at_source_id, evidence_key as event_key
    from evidence
    where check_id is null or check_id not in (5, 7)
    union all
    select evidence.*, tasks.start_source_id as at_source_id, tasks.start_event_id as event_key
    from evidence
    inner join {{ ref('int_tasks') }} as tasks on evidence.evidence_key = tasks.task_id
    where evidence.check_id in (5, 7)
),

events as (
    select
        source_id, event_type, occurred_week_start_date, file_id, line_number,
        {{ evidence_key() }} as event_key,
        case when classification = 'duplicate' then reason else 'no copy' end as copy_reason
    from {{ ref('int_events_known') }}
),

places as (
    select distinct
        wanted.source_id, wanted.event_type, wanted.week_start_date, wanted.check_id, wanted.expectation,
        {{ without_addresses('files.path') }} as path, events.line_number,
        people.source_id is not null as is_secret
    from wanted
    inner join events
        on
            wanted.at_source_id = events.source_id
            and wanted.event_key = events.event_key
            and wanted.copy_reason = events.copy_reason
    inner join {{ source('landing', 'landing_files') }} as files on events.file_id = files.file_id
    left join people on events.source_id = people.source_id and events.event_type = people.event_type
    where
        wanted.copy_reason = 'no copy'
        or (
            wanted.event_type = events.event_type
            and wanted.week_start_date = events.occurred_week_start_date
        )
),

-- a finding of which a line is left out has none: how many are missing would count hidden people's events
told as (
    select
        *,
        bool_or(is_secret) over (
            partition by source_id, event_type, week_start_date, check_id, expectation
        ) as is_left_out
    from places
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_id, event_type, week_start_date, check_id, expectation
            order by path, line_number
        ) as example_number
    from told
    where not is_left_out
)

select
    source_id,
    event_type,
    week_start_date,
    cast(check_id as integer) as check_id,
    expectation,
    cast(example_number as integer) as example_number,
    path,
    cast(line_number as bigint) as line_number,
    case check_id
        {% for check, words in shown.items() %}
        when {{ check }} then '{{ words }}'
        {% endfor %}
        else 'breaks its contract'
    end as line_shows
from numbered
where example_number <= 10
