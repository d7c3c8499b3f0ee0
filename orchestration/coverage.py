"""Which entries of the metric catalogue the publication computes, in lines for a terminal."""

import textwrap

import duckdb

from orchestration.errors import UserError
from orchestration.publications import last_publication
from orchestration.workspace import Workspace

ENTRIES = """
select entry_id, part, row_type, name, status, metric_ids, alias_of, reason, event_note
from marts.dim_catalogue
order by row_type desc, entry_id
"""

LINE_LENGTH = 100
INDENT = 6


def describe(workspace: Workspace) -> str:
    """Return a block of lines for each entry, and how many of them are computed.

    Raises `UserError` where nothing is published yet.
    """
    if last_publication(workspace) is None:
        what = "nothing has been published in this workspace"
        raise UserError(what, "Run `steelyard refresh`.", workspace.home)
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as connection:
        cursor = connection.execute(ENTRIES)
        names = [column[0] for column in cursor.description or ()]
        entries = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    blocks = ["\n".join(_block(entry)) for entry in entries]
    return "\n".join([*blocks, "", *_counts(entries)])


def _block(entry: dict[str, str | None]) -> list[str]:
    alias = f" (another name for {entry['alias_of']})" if entry["alias_of"] else ""
    head = f"{entry['entry_id']:<{INDENT}}{entry['status']:<14}{entry['name']}{alias}"
    told = []
    if entry["status"] == "computed":
        told.append("by " + str(entry["metric_ids"]).replace(";", ", "))
    else:
        told.append(str(entry["reason"]))
    if entry["status"] == "computed" and entry["event_note"]:
        told.append(str(entry["event_note"]))
    indent = " " * INDENT
    wrapped = (
        textwrap.fill(line, LINE_LENGTH, initial_indent=indent, subsequent_indent=indent + "  ")
        for line in told
    )
    return [head, *wrapped]


def _counts(entries: list[dict[str, str | None]]) -> list[str]:
    """Entries count once, whatever their parts."""
    lines = []
    for row_type, label in (("metric", "Metrics"), ("balancing", "Balances and tripwires")):
        whole = [e for e in entries if e["row_type"] == row_type and e["part"] == ""]
        computed = sum(e["status"] == "computed" for e in whole)
        lines.append(f"{label}: {computed} of {len(whole)} computed")
    return lines
