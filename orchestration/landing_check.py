"""Which lines of new landing files a refresh would set aside, found without publishing anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.dbt_runner import PROJECT, raise_failures, run_dbt
from orchestration.defs.load import readers
from orchestration.defs.load.loaders import load_landing
from orchestration.defs.load.manifest import LandingFile
from orchestration.defs.load.readers import FileProblem
from orchestration.increment import plan_run
from orchestration.plurals import counted
from orchestration.publications import last_publication, prepare_state
from orchestration.registry.load import RunContext, load_registry, write_run_context
from orchestration.run import key_items
from orchestration.workspace import Workspace

MOST_BYTES = 8_000_000
"""Of new files that are looked at: more takes longer than one waits for a check."""
MOST_LINES = 3
"""Of one file and reason; more are counted."""
MANIFEST = "select file_id, size_bytes, checksum, file_state from raw.landing_files"
REJECTED = """
    select path, line_number, reason, reason_detail
    from intake.int_events_quarantined order by path, line_number nulls first, event_number
"""


Rejected = tuple[str, int | None, str, str | None]
"""Path below `landing/`, line, reason and detail."""


@dataclass(frozen=True)
class Looked:
    """What was found in new landing files."""

    file_count: int
    line_count: int
    rejected: list[Rejected]


def landing_notes(workspace: Workspace, files: Iterable[LandingFile]) -> list[str]:
    """Say which lines of landing files that no refresh has read yet would be set aside.

    The files are read into a warehouse of their own by the models of the intake, so that each
    reason is the one that a refresh gives. What only all of history tells, ids that were used
    before, it doesn't.
    """
    new = new_files(workspace, files)
    if not new:
        return []
    chosen, left = _within(new)
    notes = []
    if chosen:
        looked = look(workspace, chosen)
        notes += _told(workspace, looked.rejected)
        lines = {(path, line) for path, line, *_ in looked.rejected if line is not None}
        whole = sum(line is None for _, line, *_ in looked.rejected)
        notes.append(
            f"{counted(looked.file_count, 'new landing file')} read, "
            f"{counted(looked.line_count, 'line')}: "
            f"{counted(len(lines), 'line', none='none')} would be set aside"
            + (f", and {counted(whole, 'whole file')}" if whole else "")
            + " (ids used before are told by `steelyard refresh`)"
        )
    if left:
        size = sum(file.absolute.stat().st_size for file in left) / 1e6
        notes.append(
            f"{counted(len(left), 'new landing file')} of {size:,.0f} MB not looked into, for that "
            "takes longer than a check: `steelyard refresh` reads every line"
        )
    return notes


def new_files(workspace: Workspace, files: Iterable[LandingFile]) -> list[LandingFile]:
    """Return the files that a connector reads and the last refresh hasn't, or not as they are."""
    known = {}
    if workspace.database.is_file():
        with duckdb.connect(str(workspace.database), read_only=True) as connection:
            known = {row[0]: row[1:] for row in connection.execute(MANIFEST).fetchall()}
    return [
        file
        for file in files
        if file.table is not None and not _is_known(file, known.get(file.file_id))
    ]


def _is_known(file: LandingFile, before: tuple | None) -> bool:
    if before is None:
        return False
    size, checksum, file_state = before
    try:
        now_size, now_state = readers.state(file.absolute)
        if now_state == file_state:
            return True
        return now_size == size and readers.checksum(file.absolute) == checksum
    except FileProblem:
        return False


def _within(files: list[LandingFile]) -> tuple[list[LandingFile], list[LandingFile]]:
    """Return the files that are looked at, the small ones first, and the others."""
    chosen, left, size = [], [], 0
    for file in sorted(files, key=lambda file: file.absolute.stat().st_size):
        size += file.absolute.stat().st_size
        (chosen if size <= MOST_BYTES else left).append(file)
    return chosen, left


def look(workspace: Workspace, files: Iterable[LandingFile]) -> Looked:
    """Read files into a warehouse that is thrown away, and return what the intake sets aside."""
    with TemporaryDirectory(prefix="steelyard-check-") as folder:
        scratch = Workspace(Path(folder))
        scratch.seeds.symlink_to(workspace.seeds, target_is_directory=True)
        for file in files:
            link = scratch.landing / file.path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.absolute.resolve())
        load_registry(scratch.seeds, scratch.database)
        key_items(scratch)
        prepare_state(scratch)
        loaded = load_landing(scratch.database, scratch.landing, PROJECT, None, False)
        published = last_publication(workspace)
        instants = [loaded.latest_received_at, published.as_of_at if published else None]
        as_of_at = max((at for at in instants if at is not None), default=datetime.max)
        write_run_context(RunContext(as_of_at, "check", "check"), scratch.database)
        plan_run(scratch.database, "check", as_of_at, is_full=True)
        # on another engine the models would write over what it holds
        results = run_dbt(scratch, ["run", "--select", "+int_events_quarantined"], "duckdb")
        raise_failures(results, scratch)
        with duckdb.connect(str(scratch.database), read_only=True) as connection:
            rejected = connection.execute(REJECTED).fetchall()
        return Looked(loaded.file_count, loaded.line_count, rejected)


def _told(workspace: Workspace, rejected: list[Rejected]) -> list[str]:
    """The first lines of each file and reason, and how many more there are."""
    groups: dict[tuple[str, str], list[Rejected]] = {}
    for found in rejected:
        groups.setdefault((found[0], found[2]), []).append(found)
    notes = []
    for (path, reason), lines in groups.items():
        notes += [_said(workspace, *found) for found in lines[:MOST_LINES]]
        if more := len(lines[MOST_LINES:]):
            further = f"{counted(more, 'further line')}: {reason.replace('_', ' ')}"
            notes.append(f"{workspace.landing / path}: {further}")
    return notes


def _said(
    workspace: Workspace, path: str, line: int | None, reason: str, detail: str | None
) -> str:
    place = f"{workspace.landing / path}:" + (f"{line}:" if line else "")
    # a line that can't be parsed may hold anything
    shown = detail if detail and reason not in ("invalid_json", "not_an_object") else None
    words = f"{place} {reason.replace('_', ' ')}" + (f" ({shown[:120]})" if shown else "")
    return f"{words}; it would be set aside"
