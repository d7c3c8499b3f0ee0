"""Look at a workspace without running anything: is the registry valid, who reads which file."""

from collections import Counter, defaultdict

from orchestration.dbt_runner import PROJECT
from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.dimensions import undeclared
from orchestration.registry.rules import split
from orchestration.registry.system_templates import STUB_MARK
from orchestration.registry.tables import Problem, Table
from orchestration.registry.validate import Registry, read_registry
from orchestration.workspace import Workspace

MOST_NOTES = 5
"""Notes of one sort on one file; more are summed up in one line."""

STUBBED = (
    ("problem_statements", "stakeholder"),
    ("kpis", "question"),
    ("balances", "reason"),
    ("tripwires", "reason"),
    ("goals", "basis"),
)
"""One column of each table that a template fills with examples."""


def check_workspace(workspace: Workspace) -> tuple[list[str], list[str]]:
    """What is wrong in the registry, and what is to know about the landing zone, in lines.

    A file that nobody reads, or whose source the registry lacks, is a note: it is quarantined and
    stops nothing.
    """
    from orchestration.defs.load.manifest import raw_tables, scan

    registry, found = read_registry(workspace.seeds)
    problems = [f"{workspace.seeds}/{problem}" for problem in found]
    files = scan(workspace.landing, raw_tables(PROJECT)) if workspace.landing.is_dir() else []
    counts = Counter(file.connector for file in files if file.table is not None)
    named = {row.values["connector"] for row in registry["sources"].rows}
    notes = []
    for connector, count in sorted(counts.items()):
        note = f"landing/{connector}: {counted(count, 'file')}"
        if connector not in named and not problems:
            note += "; no source in sources.csv has this connector, so they will be quarantined"
        notes.append(note)
    notes += [
        f"{workspace.landing}/{file.path}: no connector reads it; it will be quarantined"
        for file in files
        if file.table is None
    ]
    notes = notes or [f"The landing zone {workspace.landing} has no files."]
    notes = _unread(workspace, registry["sources"]) + _stubs(workspace, registry) + notes
    if not problems:
        from orchestration.landing_check import landing_notes

        notes += landing_notes(workspace, files)
        notes = _undeclared(workspace, registry) + _unshown(workspace, registry) + notes
    elif files:
        notes.append("No landing file was looked into: their lines are read by a valid registry.")
    return problems, notes


def require_connector(connector: str) -> None:
    """Raise UserError where there is no connector of this name."""
    known = _connectors()
    if connector not in known:
        raise UserError(f"there is no connector {connector!r}", f"Name one of {', '.join(known)}.")


def _connectors() -> list[str]:
    from orchestration.defs.load.manifest import raw_tables

    return sorted({table.connector for table in raw_tables(PROJECT)})


def _unread(workspace: Workspace, sources: Table) -> list[str]:
    """Sources whose connector doesn't exist: no file of theirs can ever be read."""
    known = _connectors()
    return [
        f"{workspace.seeds}/sources.csv:{row.line}: connector: there is no connector "
        f"{row.values['connector']!r}; known: {', '.join(known)}"
        for row in sources.rows
        if row.values["connector"] not in known
    ]


def _undeclared(workspace: Workspace, registry: Registry) -> list[str]:
    """Properties that the tracking plan doesn't promise: misspelt ones count nothing."""
    by_file: dict[str, list[Problem]] = defaultdict(list)
    notes = []
    for problem, is_likely_misspelt in undeclared(registry):
        if is_likely_misspelt:
            notes.append(f"{workspace.seeds}/{problem}")
        else:
            by_file[problem.file].append(problem)
    for file, found in by_file.items():
        if len(found) <= MOST_NOTES:
            notes += [f"{workspace.seeds}/{problem}" for problem in found]
            continue
        names = sorted({problem.what.split("'")[1] for problem in found})
        notes.append(
            f"{workspace.seeds}/{file}: {len(found)} rows name properties that no row of "
            f"tracking_plan.csv requires; a misspelt one counts nothing: {', '.join(names)}"
        )
    return notes


def _unshown(workspace: Workspace, registry: Registry) -> list[str]:
    """Metrics that are computed for no product."""
    shown = {
        row.values["metric_id"]
        for name in ("kpis", "balances", "tripwires", "watched_metrics")
        for row in registry[name].rows
    }
    parents = {
        row.values["metric_id"]: split(row.values["derived_metric_ids"])
        for row in registry["metrics"].rows
    }
    waiting = list(shown)
    while waiting:
        found = set(parents.get(waiting.pop(), ())) - shown
        shown |= found
        waiting += found
    rows = [row for row in registry["metrics"].rows if row.values["metric_id"] not in shown]
    do = "add it to watched_metrics.csv, kpis, balances or tripwires"
    if len(rows) <= MOST_NOTES:
        return [
            f"{workspace.seeds}/metrics.csv:{row.line}: {row.values['metric_id']}: "
            f"no product shows this metric: {do}"
            for row in rows
        ]
    names = ", ".join(row.values["metric_id"] for row in rows)
    return [
        f"{workspace.seeds}/metrics.csv: no product shows {len(rows)} metrics: "
        f"{do.replace('it', 'them', 1)}: {names}"
    ]


def _stubs(workspace: Workspace, registry: Registry) -> list[str]:
    """Rows of a template that only the workspace's own users can write."""
    return [
        f"{workspace.seeds}/{name}.csv:{row.line}: {column}: is a stub; write what holds here"
        for name, column in STUBBED
        for row in registry[name].rows
        if (row.values[column] or "").startswith(STUB_MARK)
    ]
