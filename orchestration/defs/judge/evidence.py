"""Which events show what the checks found, one row each, for the table that says where they lie."""

from pathlib import Path

from orchestration.engine import connect

OF_METRICS_OR_PEOPLE = (13, 14, 15, 19)
"""Checks whose evidence is never served: it names metrics (14, 19), or people may be told by it."""

WRITE = f"""
    create or replace table guard.check_evidence as
    with found as (
        select source_id, event_type, week_start_date, check_id, null::varchar as expectation,
            case check_id
                when 1 then 'same_id'
                -- those under new ids on one path are counted, and no copies
                when 2 then if(defect like '%new ids%', 'no copy', 'same_business_key')
                when 3 then 'same_id_other_payload'
                else 'no copy'
            end as copy_reason,
            evidence
        from guard.instrument_checks
        where severity > 0 and check_id not in {OF_METRICS_OR_PEOPLE}
        union all
        select source_id, event_type, week_start_date, null as check_id, expectation,
            case clause
                when 'delivered_once' then 'same_id'
                when 'unique_id' then 'same_id_other_payload'
                else 'no copy'
            end as copy_reason,
            evidence
        from guard.contract_checks
        where severity > 0
    ),
    listed as (
        select * replace (from_json(evidence, '["varchar"]') as evidence) from found
    )
    select source_id, event_type, week_start_date, check_id, expectation, copy_reason,
        unnest(evidence) as evidence_key
    from listed
    where evidence is not null
    order by all
"""
"""A key is an event's id, of lines that were set aside the line, of checks 5 and 7 a task.

Copies have the id of the first of them: `copy_reason` tells that only the copy is evidence.
"""


def write_evidence(database: Path) -> None:
    """Replace `guard.check_evidence`: up to ten rows for each finding that names events."""
    with connect(database) as connection:
        connection.execute(WRITE)
