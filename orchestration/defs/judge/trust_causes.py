"""What makes other checks find something: lines that are lost, told before what follows from it."""

import duckdb
import pandas as pd

from orchestration.defs.judge.instrument_renames import is_renamed

TAKEN_AWAY = "events that were here and were taken away"
CAUSES = ("lines that can't be read", TAKEN_AWAY)
"""Lines that are lost make other checks find something: of equals, they are named first."""
FOLLOWS_RENAME = (11, 14, 17)
"""Checks that miss what comes under another name."""
HIGH = 2
"""Severity from which what was taken away costs the verdict by itself."""
FILES = """
select source_id, event_type, week_start_date, list_sort(list_distinct(list(path)))
from intake.int_events_lost
where accepted_reason is null
group by all
"""
Files = dict[tuple, list[str]]


def gone_files(connection: duckdb.DuckDBPyConnection) -> Files:
    """Return the files that lines were taken away from, by source, event type and Monday."""
    try:
        rows = connection.execute(FILES).fetchall()
    except duckdb.CatalogException:
        # nothing was ever noted
        return {}
    return {(source_id, event_type, week): files for source_id, event_type, week, files in rows}


def with_files(checks: pd.DataFrame, files: Files) -> pd.DataFrame:
    """Add `files` to findings on what was taken away, None to all other rows."""
    weeks = pd.to_datetime(checks["week_start_date"]).dt.date
    keys = zip(checks["source_id"], checks["event_type"], weeks, strict=True)
    is_gone = checks["defect"] == TAKEN_AWAY
    found = [files.get(key) if told else None for key, told in zip(keys, is_gone, strict=True)]
    return checks.assign(files=pd.Series(found, index=checks.index, dtype=object))


def as_renamed(row: dict, found: list[dict]) -> str | None:
    """Return that a type seems to have another name, in words, if that makes this finding one.

    Args:
        row: A finding.
        found: All findings on its source in the same week.
    """
    if row["check_id"] not in FOLLOWS_RENAME:
        return None
    names = [
        other["finding"]
        for other in found
        if other["event_type"] == row["event_type"] and is_renamed(other.get("finding"))
    ]
    return names[0] if names else None


def cause_of(worst: dict, found: list[dict]) -> dict | None:
    """Return what was taken away and makes the worst finding one, if it costs the verdict too.

    Args:
        worst: The finding that gives the grade.
        found: All findings on the source in the week that the grade is of.
    """
    gone = [
        row
        for row in found
        if row["defect"] == TAKEN_AWAY
        and row["severity"] >= HIGH
        and worst["event_type"] in ("*", row["event_type"])
    ]
    if not gone or worst["defect"] in CAUSES:
        return None
    return max(gone, key=lambda row: row["severity"])
