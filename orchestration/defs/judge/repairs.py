"""What to mend where trust is lowered: what the check asks for, then what the owners say."""

import duckdb

from expectations.suites.clauses import CLAUSES
from expectations.suites.remedies import BY_DEFECT, REMEDIES, RENAMED, UNDER_ITS_NAME, Remedy

PROMISE = 0
"""Stands for the check where a promise of the contract is broken."""
OF_DEFECT = BY_DEFECT | {(PROMISE, clause.defect): clause.remedy for clause in CLAUSES}
LOST = (4, 5, 11, 14, 17, 20)
"""Checks on events that are missing: what owners say of a source is how these are got back."""
FIRST_EVENTS = "Let it send its first events."
SOURCES = "select source_id, source_name, repair_hint from registry.sources"


def of_source(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Return what the registry says to do about each source, with its name; None for nothing."""
    return {
        source_id: hint and at_source(name, hint)
        for source_id, name, hint in connection.execute(SOURCES).fetchall()
    }


def at_source(name: str, hint: str) -> str:
    """Return the hint of a source's owners as a sentence that names the tool.

    >>> at_source("Help pages", "Replay the web log")
    'At Help pages: replay the web log.'
    """
    # names such as HR keep their capitals
    starts = hint if hint[1:2].isupper() else hint[:1].lower() + hint[1:]
    return f"At {name}: {starts.rstrip('.')}."


def remedy_of(check_id: int | None, defect: str | None) -> Remedy | None:
    """Return what mends a finding of a check, or of a broken promise; None for none of either."""
    if check_id is None:
        return None
    if defect == RENAMED:
        return UNDER_ITS_NAME
    return OF_DEFECT.get((check_id, defect or "")) or REMEDIES.get(check_id)


def repair(
    check_id: int | None, defect: str | None, hint: str | None, has_sent: bool
) -> tuple[str | None, str | None, int | None]:
    """Return what to mend, what remains for the week once that is done, and the check, if any.

    Args:
        check_id: Check that lowered a metric; 0 for a broken promise, None where neither did.
        defect: What it found.
        hint: What the source's owners say of it, None for nothing; told where events are missing.
        has_sent: Whether the source has sent anything yet.
    """
    if not has_sent:
        return FIRST_EVENTS, None, None
    remedy = remedy_of(check_id, defect)
    if remedy is None:
        return hint, None, None
    is_lost = check_id in LOST and defect != RENAMED
    mend = " ".join(filter(None, (f"{remedy.mend}.", hint if is_lost else None)))
    return mend, f"{remedy.catch_up}." if remedy.catch_up else None, check_id or None
