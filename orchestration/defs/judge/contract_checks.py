"""Hold what sources sent against what they promised, and write `guard.contract_checks`."""

from pathlib import Path

import numpy as np
import pandas as pd

from expectations.run import ROW_ID, run_suite
from expectations.suites.clauses import BY_NAME, CLAUSES, MINIMUM_N
from expectations.suites.sources import source_suite
from orchestration.defs.judge.instrument_pvalues import shares
from orchestration.engine import connect
from orchestration.reporting_zone import in_reporting_zone

WHOLE_WEEKS = f"""
    select source_id, event_type, week_start_date, clause, property, event_count, broken_count,
        evidence
    from instruments.int_contract_statistics
    cross join registry.run_context as run_context
    where week_start_date + interval '7' day <= {in_reporting_zone("as_of_at")}
    order by all
"""
"""What a week holds is judged when it is over; grades and pages follow, by reading no other."""
COLUMNS = {
    "source_id": "varchar",
    "event_type": "varchar",
    "week_start_date": "date",
    "clause": "varchar",
    "property": "varchar",
    "expectation": "varchar",
    "severity": "integer",
    "event_count": "bigint",
    "broken_count": "bigint",
    "defect": "varchar",
    "note": "varchar",
    "evidence": "varchar",
}


def judge_contracts(database: Path) -> None:
    """Judge `instruments.int_contract_statistics` and replace `guard.contract_checks`.

    One row per source, event type, whole week, clause and property.

    Raises ExpectationError where an expectation couldn't be evaluated.
    """
    with connect(database) as connection:
        rows = judged(connection.execute(WHOLE_WEEKS).df())
        typed = ", ".join(f"{name}::{kind} as {name}" for name, kind in COLUMNS.items())
        connection.execute("create schema if not exists guard")
        connection.register("judged_rows", rows)
        connection.execute(
            f"create or replace table guard.contract_checks as select {typed} from judged_rows "
            "order by all"
        )


def judged(statistics: pd.DataFrame) -> pd.DataFrame:
    """Return the statistics with the worst severity that one of their expectations found.

    The expectations of all sources' suites are the same and judge each row alone, so they are
    evaluated over all sources at once.
    """
    if statistics.empty:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    rows = frame(statistics)
    severity = pd.Series(0, index=rows[ROW_ID])
    for finding in run_suite(source_suite(), rows):
        found = list(finding.row_ids)
        severity[found] = severity[found].clip(lower=finding.severity)
    clauses = rows["clause"].map(BY_NAME)
    said = [clause.promise(name) for clause, name in zip(clauses, rows["property"], strict=True)]
    rows = rows.assign(
        severity=severity.to_numpy(),
        expectation=said,
        defect=[clause.defect for clause in clauses],
        note=[clause.note for clause in clauses],
    )
    return rows[list(COLUMNS)]


def frame(statistics: pd.DataFrame) -> pd.DataFrame:
    """Return what the suites judge: a column per clause with the share of events that break it.

    Beside it `<clause>_sure`, the same where it is no chance; both NaN in rows of other clauses
    and where there are too few events.
    """
    rows = statistics.reset_index(drop=True)
    rows[ROW_ID] = range(len(rows))
    for clause in CLAUSES:
        own = rows[rows["clause"] == clause.name]
        counted = pd.DataFrame(
            {
                "n": own["event_count"],
                "numerator": own["broken_count"],
                "statistic": own["broken_count"] / own["event_count"],
            }
        )
        judged_rows = shares(counted, 0.0, clause.fail, MINIMUM_N)
        for column, of in ((clause.name, "share"), (f"{clause.name}_sure", "sure_share")):
            rows[column] = np.nan
            rows.loc[own.index, column] = judged_rows[of].astype(float)
    return rows
