"""What makes other checks find something: lines that are lost, told before what follows from it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

import duckdb
import pandas as pd

from orchestration.defs.judge.instrument_renames import is_renamed

TAKEN_AWAY = "events that were here and were taken away"
CAUSES = ("lines that can't be read", TAKEN_AWAY)
"""Lines that are lost make other checks find something: of equals, they are named first."""
REUSED_ID, ORPHAN_FINISH, VOLUME = 3, 4, 11
FOLLOWS_REUSE = (ORPHAN_FINISH, 5, 11, 13, 14, 20)
"""Checks that miss what isn't counted since its id had been used; 11 where too few came."""
OF_TASKS = (ORPHAN_FINISH, 5)
"""Those of them that miss the other end of a task, an event of another type."""
FOLLOWS_RENAME = (ORPHAN_FINISH, 5, 11, 14, 17)
"""Checks that miss what comes under another name, an orphan its start."""
HIGH = 2
"""Severity from which what was taken away costs the verdict by itself."""
FILES = """
select source_id, event_type, week_start_date, list_sort(list_distinct(list(path)))
from intake.int_events_lost
where accepted_reason is null
group by all
"""
Files = dict[tuple, list[str]]
PRODUCTS = "select source_id, product_id from registry.sources"
STARTS = """
select finish_event_type, list(distinct start_event_type) from registry.task_types
where finish_event_type is not null and start_event_type is not null
group by all
"""


def gone_files(connection: duckdb.DuckDBPyConnection) -> Files:
    """Return the files that lines were taken away from, by source, event type and Monday."""
    try:
        rows = connection.execute(FILES).fetchall()
    except duckdb.CatalogException:
        # nothing was ever noted
        return {}
    return {(source_id, event_type, week): files for source_id, event_type, week, files in rows}


def starts_of(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return for each event type that ends tasks those that start them."""
    return dict(connection.execute(STARTS).fetchall())


def products_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the product of each source."""
    return dict(connection.execute(PRODUCTS).fetchall())


def with_files(checks: pd.DataFrame, files: Files) -> pd.DataFrame:
    """Add `files` to findings on what was taken away, None to all other rows."""
    weeks = pd.to_datetime(checks["week_start_date"]).dt.date
    keys = zip(checks["source_id"], checks["event_type"], weeks, strict=True)
    is_gone = checks["defect"] == TAKEN_AWAY
    found = [files.get(key) if told else None for key, told in zip(keys, is_gone, strict=True)]
    return checks.assign(files=pd.Series(found, index=checks.index, dtype=object))


class Renames:
    """Event types that seem to have another name: what checks miss, comes under that one."""

    def __init__(
        self,
        rows: pd.DataFrame,
        starts: Mapping[str, Collection[str]],
        products: Mapping[str, str],
    ) -> None:
        """Take all results of checks, what starts tasks of each finish type, sources' products."""
        self.starts, self.products = starts, products
        self._names: dict[tuple[str, date], dict[str, str]] = defaultdict(dict)
        findings = rows["finding"] if "finding" in rows else pd.Series(None, index=rows.index)
        for row in rows[findings.map(is_renamed)].to_dict("records"):
            week = pd.Timestamp(row["week_start_date"]).date()
            self._names[row["event_type"], week][row["source_id"]] = row["finding"]

    def of(self, row: dict) -> str | None:
        """Return in words which rename makes a finding one; None where none does.

        The type's own name must have changed in the same source, a start's in any of the product.
        """
        if row["check_id"] not in FOLLOWS_RENAME:
            return None
        week = pd.Timestamp(row["week_start_date"]).date()
        own = self._names.get((row["event_type"], week), {}).get(row["source_id"])
        if own or row["check_id"] != ORPHAN_FINISH:
            return own
        of_starts = [
            name
            for start in sorted(self.starts.get(row["event_type"], ()))
            for source_id, name in sorted(self._names.get((start, week), {}).items())
            if self.products.get(source_id) == self.products.get(row["source_id"])
        ]
        return of_starts[0] if of_starts else None


def cause_of(worst: dict, found: list[dict]) -> dict | None:
    """Return what makes the worst finding one, if it costs the verdict too.

    That is what was taken away, or else what wasn't counted since its id had been used.

    Args:
        worst: The finding that gives the grade.
        found: All findings on the source in the week that the grade is of.
    """
    lost = [
        row
        for row in found
        if (row["defect"] == TAKEN_AWAY or _was_reused(row, worst))
        and row["severity"] >= HIGH
        and worst["event_type"] in ("*", row["event_type"])
    ]
    if not lost or worst["defect"] in CAUSES:
        return None
    return max(lost, key=lambda row: (row["defect"] == TAKEN_AWAY, row["severity"]))


def _was_reused(row: dict, worst: dict) -> bool:
    is_volume = worst["check_id"] == VOLUME and worst["event_type"] != "*"
    is_surge = is_volume and worst["n"] >= (worst["expected"] or 0)
    is_missed = worst["check_id"] in FOLLOWS_REUSE and not is_surge
    return row["check_id"] == REUSED_ID and is_missed
