"""What one run computes for, and whether there is anything new to compute."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb

from orchestration import __version__, increment
from orchestration.dbt_runner import PROJECT, project_state
from orchestration.engine import VARIABLE, duckdbs_limit
from orchestration.errors import UserError
from orchestration.gone import note_gone
from orchestration.keys import workspace_key
from orchestration.progress import say
from orchestration.publications import last_publication, prepare_state
from orchestration.received import latest_received_at, long_after
from orchestration.registry.load import RunContext, load_registry, write_run_context
from orchestration.registry.tables import FILES
from orchestration.workspace import Workspace


@dataclass(frozen=True)
class Begun:
    """A run whose input is loaded."""

    context: RunContext
    file_count: int
    is_new: bool
    """False where exactly this has been published already."""
    plan: increment.Plan


_handed: dict[tuple, Begun] = {}
"""What was looked for and found by this process, which holds the workspace since."""

COMPUTING = ("duckdb", "numpy", "pandas", "scipy")
"""Packages that numbers come from. DuckDB's `hash` of ids is stored, and may differ in the next."""


@cache
def code_version() -> str:
    """Version and a digest of all code that makes numbers, so that a change of it is news."""
    digest = hashlib.sha256(project_state().encode())
    for package in COMPUTING:
        digest.update(f"{package} {version(package)}".encode())
    for folder in ("orchestration", "expectations"):
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in (".py", ".json", ".j2", ".css", ".sql"):
                digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"


def begin(
    workspace: Workspace,
    as_of_at: datetime | None,
    connector: str | None,
    is_full: bool = False,
) -> Begun:
    """Load registry and landing zone into the warehouse and fix what the run computes for.

    `as_of_at` is naive UTC; None takes the latest received time in the landing zone. With a
    `connector` only its files are looked at for news; with `is_full` all files are read again.
    Nothing here reads the clock. Raises UserError where there is nothing to compute from, or where
    a few lines say that they were received long after all others.
    """
    from orchestration.defs.load.loaders import load_landing, show_new_events

    load_registry(workspace.seeds, workspace.database)
    _tell_missing_checks(workspace)
    key_items(workspace)
    prepare_state(workspace)
    limit_memory(workspace)
    loaded = load_landing(workspace.database, workspace.landing, PROJECT, connector, is_full)
    for path in loaded.changed_files:
        say(f"  changed    {path}")
    for path in loaded.vanished_files:
        say(f"  vanished   {path}")
    published = last_publication(workspace)
    if as_of_at is not None:
        said = long_after(workspace.database, as_of_at, loaded.latest_received_at)
        if said:
            say(f"  note       {said}")
    else:
        as_of_at = latest_received_at(
            workspace.database,
            workspace.landing,
            loaded.latest_received_at,
            published.as_of_at if published else None,
        )
    if as_of_at is None:
        raise UserError(
            "there is no event to compute from",
            "Put files there; `steelyard check` tells which of them are read. An export without a "
            "time of receipt, such as git's, needs `observed_until` in sources.csv or --as-of.",
            workspace.landing,
        )
    note_gone(workspace.database, as_of_at)
    with duckdb.connect(str(workspace.database)) as connection:
        files = connection.execute(
            "select path, checksum, file_status from raw.landing_files order by path"
        ).fetchall()
    fixed = [registry_digest(workspace.seeds), code_version()]
    parts = [str(files), *fixed, as_of_at.isoformat()]
    run_id = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    context = RunContext(as_of_at, run_id, code_version())
    write_run_context(context, workspace.database)
    plan = increment.plan_run(workspace.database, "\n".join(fixed), as_of_at, is_full)
    if plan.is_increment:
        show_new_events(workspace.database, workspace.landing)
    is_new = published is None or published.run_id != run_id
    return Begun(context, len(files), is_new, plan)


def hand_over(
    begun: Begun, workspace: Workspace, as_of_at: datetime | None, connector: str | None
) -> None:
    """Let the run that this process starts go on from here, instead of loading all again."""
    _handed[workspace, as_of_at, connector] = begun


def begin_or_go_on(
    workspace: Workspace, as_of_at: datetime | None, connector: str | None, is_full: bool = False
) -> Begun:
    """Take over, once, what was handed over for the same; else `begin`."""
    handed = _handed.pop((workspace, as_of_at, connector), None)
    if handed is not None and not is_full:
        return handed
    return begin(workspace, as_of_at, connector, is_full)


def _tell_missing_checks(workspace: Workspace) -> None:
    """Say why everything will be withheld where the registry names no check."""
    with duckdb.connect(str(workspace.database)) as connection:
        found = connection.execute("select * from registry.check_thresholds limit 1").fetchall()
    if not found:
        path = workspace.seeds / "check_thresholds.csv"
        say(f"  no checks  {path} is missing or empty: no instrument is judged and every number")
        say("             withheld; `steelyard init` in an empty folder writes one to copy")


def limit_memory(workspace: Workspace) -> None:
    """Let all steps of this process use as much memory as the setting `memory_limit_gb` allows."""
    with duckdb.connect(str(workspace.database)) as connection:
        gigabytes = connection.execute(
            "select max(value) from registry.settings where setting = 'memory_limit_gb'"
        ).fetchall()[0][0]
    os.environ[VARIABLE] = duckdbs_limit(float(gigabytes)) if gigabytes else duckdbs_limit()


def key_items(workspace: Workspace) -> None:
    """Give served item ids the workspace's key, unless the registry's settings name one."""
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(
            "insert into registry.settings (setting, value) select 'hash_key', ? "
            "where not exists (from registry.settings where setting = 'hash_key')",
            [workspace_key(workspace, "items")],
        )


def registry_digest(seeds: Path) -> str:
    """Digest of the content of the registry's files."""
    digest = hashlib.sha256()
    for name in FILES:
        path = seeds / f"{name}.csv"
        digest.update(name.encode() + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()
