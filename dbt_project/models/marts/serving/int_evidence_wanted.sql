-- events that served findings name, and where each lies: at a source, in a week
with

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
)

select
    source_id, event_type, week_start_date, check_id, expectation, copy_reason,
    source_id as at_source_id,
    week_start_date as at_week_start_date,
    evidence_key as event_key
from evidence
where check_id is null or check_id not in (5, 7)
union all
-- a task is shown by its start
select
    evidence.source_id, evidence.event_type, evidence.week_start_date, evidence.check_id, evidence.expectation,
    evidence.copy_reason,
    tasks.start_source_id as at_source_id,
    tasks.week_start_date as at_week_start_date,
    tasks.start_event_id as event_key
from {{ ref('int_tasks') }} as tasks
inner join evidence on tasks.task_id = evidence.evidence_key
where evidence.check_id in (5, 7)
