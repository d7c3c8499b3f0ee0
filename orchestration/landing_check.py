"""Which lines of new landing files a refresh would set aside, found without publishing anything."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.addresses import without_addresses
from orchestration.dbt_runner import PROJECT
from orchestration.defs.load import readers
from orchestration.defs.load.loaders import load_landing
from orchestration.defs.load.manifest import LandingFile
from orchestration.defs.load.readers import FileProblem
from orchestration.engine import connect
from orchestration.increment import plan_run
from orchestration.intake_models import run_intake
from orchestration.plurals import counted
from orchestration.publications import last_publication, prepare_state
from orchestration.registry.load import RunContext, write_registry, write_run_context
from orchestration.registry.validate import Registry
from orchestration.run import key_items
from orchestration.workspace import Workspace

MOST_BYTES = 8_000_000
"""Of new files that are looked at: more takes longer than one waits for a check."""
MOST_LINES = 3
"""Of one file and reason; more are counted."""
MANIFEST = "select file_id, size_bytes, checksum, file_state, path from raw.landing_files"
FAULTS = """
    with lines as (
        select
            files.path, events.line_number, events.source as source_id,
            case
                when events.type like 'dev.cdevents.%.%.%'
                    then split_part(events.type, '.', 3) || '.' || split_part(events.type, '.', 4)
                else events.type
            end as event_type,
            events.*
        from raw.cloudevents__events as events
        inner join raw.landing_files as files on events.file_id = files.file_id
        where (files.path, events.line_number)
            in (select path, line_number from intake.int_events_quarantined)
    ),
    told as (
        select path, line_number,
            concat_ws(', ', {missing}) as missing,
            concat_ws(', ', mistyped_attributes, {wrong}) as wrong,
            concat_ws(', ', {times}) as times,
            case
                when source_id is null then null
                when source_id not in (select source_id from registry.sources)
                    then 'unknown source (' || source_id || ')'
                when event_type is not null and not exists (
                    select 1 from registry.tracking_plan as plan
                    where plan.event_type = lines.event_type
                        and (plan.source_id = lines.source_id or (plan.source_id like '%*' and
                            starts_with(lines.source_id, replace(plan.source_id, '*', ''))))
                ) then 'unknown type (' || source_id || ' ' || event_type || ')'
            end as unplanned
        from lines
    )
    select path, line_number, list_filter([
        case when missing <> '' then 'missing attribute (' || missing || ')' end,
        case when wrong <> '' then 'mistyped attribute (' || wrong || ')' end,
        case when times <> '' then 'unparsable time (' || times || ')' end,
        unplanned
    ], lambda fault: fault is not null) as faults
    from told
"""
REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "ingresspath", "actorkind")
KNOWN = {
    "specversion": ["1.0"],
    "ingresspath": ["web", "cli", "api", "import", "webhook"],
    "actorkind": ["human", "service", "test", "bot", "unknown"],
}
"""As in `stg_cloudevents__events`, which stops at the first thing that is wrong with a line."""
FAULTS = FAULTS.format(
    missing=", ".join(
        f"case when nullif(\"{name}\", '') is null"
        f"{' and time_at is null' if name == 'time' else ''} then '{name}' end"
        for name in REQUIRED
    ),
    wrong=", ".join(
        f"case when nullif({name}, '') not in ({', '.join(repr(v) for v in values)}) "
        f"then '{name}' end"
        for name, values in KNOWN.items()
    ),
    times=", ".join(
        f"'{name} ' || left(nullif(\"{name}\", ''), 60)"
        for name in ("time", "recordedtime", "receivedtime")
    ),
)
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
    """Of the files that were looked into."""
    rejected: list[Rejected]
    faults: dict[tuple[str, int], list[str]]
    """All that is wrong with a line of CloudEvents, by path and line."""
    unread_count: int = 0
    """New files that no connector reads."""
    left_count: int = 0
    """New files that are too large to be looked into."""
    left_megabytes: float = 0
    changed_count: int = 0
    """Of all these files, those that a refresh has read with another content."""

    @property
    def sort(self) -> str:
        """Whether the files are new, changed, or of both sorts."""
        whole = self.file_count + self.unread_count + self.left_count
        both = "new or changed" if self.changed_count else "new"
        return "changed" if self.changed_count == whole > 0 else both

    @property
    def bad_line_count(self) -> int:
        """Lines that would be set aside."""
        return len({(path, line) for path, line, *_ in self.rejected if line is not None})

    @property
    def bad_file_count(self) -> int:
        """Files that would be set aside whole."""
        return sum(line is None for _, line, *_ in self.rejected) + self.unread_count

    @property
    def is_good(self) -> bool:
        return not self.bad_line_count and not self.bad_file_count

    def __bool__(self) -> bool:
        """Whether there is anything to tell of what was looked into."""
        return bool(self.file_count or self.bad_file_count)

    def __str__(self) -> str:
        """What was found, in one sentence without its full stop."""
        bad, files = self.bad_line_count, self.bad_file_count
        whole = counted(files, "whole file")
        lines = (
            f"{counted(self.line_count, 'line')} of {counted(self.file_count, f'{self.sort} file')}"
        )
        if not self.file_count:
            return f"{whole} would be set aside: kept with the reason, and counted nowhere"
        if self.is_good:
            each = f"all {lines}" if self.line_count > 1 else f"the {lines}"
            return f"{each} would be read (ids used before are told by `steelyard refresh`)"
        if bad and bad == self.line_count:
            found = f"all {lines}" if bad > 1 else f"the only line of {lines.partition(' of ')[2]}"
        else:
            found = f"{bad:,} of {lines}" if bad else ""
        both = f"{found} and {whole}" if found and files else found or whole
        return f"{both} would be set aside: kept with the reason, and counted nowhere"


def look_at_new(
    workspace: Workspace, registry: Registry, files: Iterable[LandingFile]
) -> Looked | None:
    """Look which lines of landing files that no refresh has read yet would be set aside.

    The files are read into a warehouse of their own by the models of the intake, so that each
    reason is the one that a refresh gives. What only all of history tells, ids that were used
    before, it doesn't. Files that no connector reads are set aside whole. None where none is new.
    """
    new = new_files(workspace, files)
    unread = [file for file in new if file.table is None]
    chosen, left = _within([file for file in new if file.table is not None])
    if not new:
        return None
    looked = look(workspace, registry, chosen) if chosen else Looked(0, 0, [], {})
    size = sum(file.absolute.stat().st_size for file in left) / 1e6
    known = _known(workspace)
    return replace(
        looked,
        unread_count=len(unread),
        left_count=len(left),
        left_megabytes=size,
        changed_count=sum(file.file_id in known for file in new),
    )


def landing_notes(workspace: Workspace, looked: Looked) -> list[str]:
    """Say which lines would be set aside, and what was not looked into."""
    notes = _told(workspace, looked)
    if looked.left_count:
        left = counted(looked.left_count, f"{looked.sort} landing file")
        notes.append(
            f"{left} of {looked.left_megabytes:,.0f} MB not looked into, for that takes longer "
            "than a check: `steelyard refresh` reads every line"
        )
    return notes


def new_files(workspace: Workspace, files: Iterable[LandingFile]) -> list[LandingFile]:
    """Return the files that the last refresh hasn't looked at, or not as they are."""
    known = _known(workspace)
    return [file for file in files if not _is_known(file, known.get(file.file_id))]


def changed_notes(
    workspace: Workspace, files: Iterable[LandingFile]
) -> tuple[list[str], list[str]]:
    """Say which files have gone since the last refresh, and which are no longer as it read them."""
    known, there = _known(workspace), {file.file_id: file for file in files}
    gone = [
        without_addresses(
            f"{workspace.landing / before[-1]}: has gone since it was read; a refresh takes out "
            "what it brought, and what no file brings again is told as lost"
        )
        for file_id, before in known.items()
        if file_id not in there
    ]
    changed = [
        f"{workspace.landing / file.path}: has changed since it was read; a refresh takes out what "
        "it brought, and what no file brings again is told as lost"
        for file_id, file in there.items()
        if file_id in known and not _is_known(file, known[file_id])
    ]
    return gone, changed


def _known(workspace: Workspace) -> dict[str, tuple]:
    """Size, checksum, state and path of the files that the last refresh read, by their id."""
    if not workspace.database.is_file():
        return {}
    with connect(workspace.database, read_only=True) as connection:
        return {row[0]: row[1:] for row in connection.execute(MANIFEST).fetchall()}


def _is_known(file: LandingFile, before: tuple | None) -> bool:
    if before is None:
        return False
    size, checksum, file_state, _ = before
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


def look(workspace: Workspace, registry: Registry, files: Iterable[LandingFile]) -> Looked:
    """Read files into a warehouse that is thrown away, and return what the intake sets aside."""
    with TemporaryDirectory(prefix="steelyard-check-") as folder:
        scratch = Workspace(Path(folder))
        scratch.seeds.symlink_to(workspace.seeds, target_is_directory=True)
        for file in files:
            link = scratch.landing / file.path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.absolute.resolve())
        scratch.warehouse.mkdir(parents=True)
        with duckdb.connect(str(scratch.database)) as connection:
            write_registry(registry, connection)
        key_items(scratch)
        prepare_state(scratch)
        loaded = load_landing(scratch.database, scratch.landing, PROJECT, None, False)
        published = last_publication(workspace)
        instants = [loaded.latest_received_at, published.as_of_at if published else None]
        as_of_at = max((at for at in instants if at is not None), default=datetime.max)
        write_run_context(RunContext(as_of_at, "check", "check"), scratch.database)
        plan_run(scratch.database, "check", as_of_at, is_full=True)
        run_intake(scratch)
        with duckdb.connect(str(scratch.database), read_only=True) as connection:
            rejected = connection.execute(REJECTED).fetchall()
            faults = {row[:2]: row[2] for row in connection.execute(FAULTS).fetchall()}
        return Looked(loaded.file_count, loaded.line_count, rejected, faults)


def _told(workspace: Workspace, looked: Looked) -> list[str]:
    """The first lines of each file and reason, and how many more there are."""
    groups: dict[tuple[str, str], list[Rejected]] = {}
    for found in looked.rejected:
        groups.setdefault((found[0], found[2]), []).append(found)
    notes = []
    for (path, reason), lines in groups.items():
        notes += [_said(workspace, looked, *found) for found in lines[:MOST_LINES]]
        if more := len(lines[MOST_LINES:]):
            further = f"{counted(more, 'further line')}: {reason.replace('_', ' ')}"
            notes.append(f"{workspace.landing / path}: {further}")
    return notes


def _said(
    workspace: Workspace, looked: Looked, path: str, line: int | None, reason: str,
    detail: str | None,
) -> str:  # fmt: skip
    place = f"{workspace.landing / path}:" + (f"{line}:" if line else "")
    # a line that can't be parsed may hold anything
    shown = detail if detail and reason not in ("invalid_json", "not_an_object") else None
    words = reason.replace("_", " ") + (f" ({shown[:120]})" if shown else "")
    # the intake stops at the first; what else is wrong is mended with it
    others = looked.faults.get((path, line), []) if line else []
    others = [fault[:140] for fault in others if not fault.startswith(reason.replace("_", " "))]
    also = f"; and {', '.join(others)}" if others and reason != "invalid_json" else ""
    return without_addresses(f"{place} {words}{also}; it would be set aside")
