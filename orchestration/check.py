"""Look at a workspace without running anything: is the registry valid, who reads which file."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.dbt_runner import PROJECT
from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.dimensions import undeclared
from orchestration.registry.rules import split
from orchestration.registry.system_templates import STUB_MARK
from orchestration.registry.tables import Problem, Table
from orchestration.registry.trust_rules import holding
from orchestration.registry.validate import Registry, read_registry
from orchestration.suggest import either, suggestion
from orchestration.trust.names import lacks_metric
from orchestration.workspace import Workspace

if TYPE_CHECKING:
    from orchestration.defs.load.manifest import LandingFile
    from orchestration.landing_check import Looked

CLOUDEVENTS = "cloudevents"
PLACE = re.compile(r"([\w-]+\.csv):(\d+): ")
"""File and line at which a problem of the registry begins."""
NEAR = 0.85
"""How alike a folder's name and a product's must be to be taken for a slip, 0 to 1."""
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


LEFT_TO_REFRESH = (
    "Whether required properties are there, units right and no event told twice is judged by "
    "`steelyard refresh` only."
)


@dataclass(frozen=True)
class Checked:
    """What was found in a workspace, in lines."""

    problems: list[str]
    """What is wrong in the registry: nothing can be run with it."""
    notes: list[str]
    """What is to know."""
    looked: "Looked | None"
    """New and changed landing files; None where there are none, or the registry is wrong."""

    @property
    def is_good(self) -> bool:
        """Whether the registry is valid, and no new line would be set aside."""
        return not self.problems and (self.looked is None or self.looked.is_good)

    def __str__(self) -> str:
        """The last word: what was found, in one sentence."""
        if self.problems:
            found = PLACE.search(self.problems[0])
            first = ", the first" if len(self.problems) > 1 else ","
            place = f"{first} in {found[1]}, line {found[2]}" if found else ""
            many = counted(len(self.problems), "problem")
            return f"The registry has {many}{place}; nothing was run."
        if self.looked is None:
            return "The registry is valid; no landing file is new."
        left = counted(self.looked.left_count, f"{self.looked.sort} file")
        rest = f"; {left} {'was' if self.looked.left_count == 1 else 'were'} not looked into"
        found = f", {'and' if self.looked.is_good else 'but'} {self.looked}" if self.looked else ""
        return f"The registry is valid{found}{rest if self.looked.left_count else ''}."


def check_workspace(workspace: Workspace) -> Checked:
    """Look into the registry and into new landing files, and publish nothing.

    A file that nobody reads, or whose source the registry lacks, is a note: it is quarantined and
    stops nothing.
    """
    from orchestration.defs.load.manifest import raw_tables, scan

    registry, found = read_registry(workspace.seeds)
    problems = [f"{workspace.seeds}/{problem}" for problem in found]
    files = scan(workspace.landing, raw_tables(PROJECT)) if workspace.landing.is_dir() else []
    notes = _folders(workspace, registry, files, is_valid=not problems)
    notes += _claimed_by_none(workspace, files)
    if not files:
        notes.append(f"The landing zone {workspace.landing} has no files.")
    notes = _unread(workspace, registry["sources"]) + _stubs(workspace, registry) + notes
    notes += _lowering_nothing(workspace, registry)
    if problems:
        if files:
            notes.append("No landing file was looked into: that needs a valid registry.")
        return Checked(problems, notes, None)
    # its imports are most of what a check of the registry alone would take
    from orchestration.landing_check import changed_notes, landing_notes, look_at_new

    looked = look_at_new(workspace, registry, files)
    gone, changed = changed_notes(workspace, files)
    # a file that is missing loses more than one that changed, and nothing else would name it
    notes += _few(gone, "file that has gone", "files that have gone")
    notes += _few(changed, "file that changed")
    notes += [] if looked is None else landing_notes(workspace, looked)
    notes += _few(_lost(workspace), "file with lost lines")
    notes = _undeclared(workspace, registry) + _unshown(workspace, registry) + notes
    notes += [] if looked is None else [LEFT_TO_REFRESH]
    return Checked(problems, notes, looked)


def _folders(
    workspace: Workspace, registry: Registry, files: list["LandingFile"], is_valid: bool
) -> list[str]:
    """How many files each folder of the landing zone has, and which are named like nothing."""
    known, counts = _connectors(), Counter(f.connector for f in files if f.table is not None)
    named = {row.values["connector"] for row in registry["sources"].rows}
    notes = []
    for connector, count in sorted(counts.items()):
        note = f"landing/{connector}: {counted(count, 'file')}"
        if connector not in named and is_valid:
            note += "; no source in sources.csv has this connector, so they will be quarantined"
        notes.append(note)
    for folder in _subfolders(workspace.landing):
        if folder not in known:
            do = suggestion(folder, known, f"There are {', '.join(known)}.")
            notes.append(f"{workspace.landing / folder}: no connector has this name. {do}")
    owners = {
        row.values[column]
        for table, column in (("products", "product_id"), ("sources", "source_id"))
        for row in registry[table].rows
    }
    # below a connector folders may have any name; one that is nearly a product's is a slip
    notes += [
        f"{workspace.landing / CLOUDEVENTS / folder}: no product and no source has this name. Did "
        f"you mean {either(near)}? Each event counts for the source that it names itself."
        for folder in _subfolders(workspace.landing / CLOUDEVENTS)
        if folder not in owners and (near := get_close_matches(folder, owners, 2, NEAR))
    ]
    return notes


def _lost(workspace: Workspace) -> list[str]:
    """What the last publication tells of lines that were lost."""
    from orchestration.publications import last_publication
    from orchestration.status import lines_lost

    return lines_lost(workspace) if last_publication(workspace) is not None else []


def _few(notes: list[str], noun: str, plural: str = "") -> list[str]:
    """The first notes of a sort, and how many more there are."""
    more = len(notes) - MOST_NOTES
    plural = plural or noun.replace("file", "files")
    return notes[:MOST_NOTES] + ([f"{counted(more, noun, plural)} besides"] if more > 0 else [])


def _subfolders(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _claimed_by_none(workspace: Workspace, files: list["LandingFile"]) -> list[str]:
    """Files that no connector reads: the first of each folder, and how many more there are."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for file in files:
        if file.table is None:
            by_folder[file.connector].append(file.path)
    notes = []
    for folder, paths in sorted(by_folder.items()):
        for path in paths[:MOST_NOTES]:
            notes.append(
                f"{workspace.landing}/{path}: no connector reads it; it will be quarantined"
            )
        if more := len(paths[MOST_NOTES:]):
            place = workspace.landing / folder
            notes.append(f"{place}: {counted(more, 'further file')} that no connector reads")
    return notes


def require_connector(connector: str) -> None:
    """Raise UserError where there is no connector of this name."""
    known = _connectors()
    if connector not in known:
        do = suggestion(connector, known, f"Name one of {', '.join(known)}.")
        raise UserError(f"there is no connector {connector!r}", do)


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


def _lowering_nothing(workspace: Workspace, registry: Registry) -> list[str]:
    """Rows that lower a metric which the product doesn't have, or no longer has."""
    return [
        f"{workspace.seeds}/trust_overrides.csv:{row.line}: metric_id: lowers nothing, for "
        f"{row.values['product_id']} has no metric {row.values['metric_id']!r}"
        for row in holding(registry["trust_overrides"]).rows
        if lacks_metric(registry, row)
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
