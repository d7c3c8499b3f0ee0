"""Run dbt inside this process, against a workspace's warehouse.

Starting dbt costs more than small models do, so the project is parsed once for each state of
its files: the parsed project is kept packed beside the manifest, for all workspaces.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from orchestration.ahead import importing_ahead
from orchestration.engine import connect
from orchestration.engines import engine_name
from orchestration.errors import RunError
from orchestration.increment import is_increment
from orchestration.interruption import ends_at_once
from orchestration.resend import Recorder, Statements, send
from orchestration.workspace import Workspace

PROJECT = Path(__file__).resolve().parent.parent
# what is parsed for one engine can't be run on another
PARSED = PROJECT / "target" / ("" if engine_name() == "duckdb" else engine_name())
MANIFEST = PARSED / "manifest.json"
PACKED = PARSED / "manifest.msgpack"
MARK = PARSED / "parsed_state"
MANY_NODES = 100
"""To send so many takes seconds, in which something else can be done."""
LAYERS = PROJECT / "dbt_project" / "models"
MANY_LINES = 20_000_000
"""From so many landing lines on the warehouse computes one model at a time."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test in an invocation."""

    unique_id: str
    status: str
    """dbt's word: success, pass, warn, fail, error or skipped."""
    seconds: float
    message: str
    failure_count: int
    relation: str = ""
    """What it makes, with schema, as SQL names it."""
    is_view: bool = False
    sql: str = ""
    """The compiled query of a model."""

    @property
    def name(self) -> str:
        return self.unique_id.split(".")[2]

    @property
    def is_good(self) -> bool:
        return self.status in ("success", "pass", "warn", "no-op")


_manifests: dict[str, Any] = {}


def run_dbt(
    workspace: Workspace, arguments: Sequence[str], engine: str | None = None
) -> list[NodeResult]:
    """Invoke dbt, for example with `["build", "--select", "fqn:steelyard.core"]`.

    Models add to what is there where the run's plan says so, see `orchestration.increment`; what
    dbt would send for them as it did before is sent without it, see `orchestration.resend`.
    Compiled files and logs go to the workspace; `engine` takes another than the process's. Failed
    nodes are among the results, see `raise_failures`.

    Raises RunError where dbt itself could not run.
    """
    name = engine or engine_name()
    if arguments[0] not in ("build", "run"):
        return _results(_invoke(workspace, arguments, name))
    if not (name == "duckdb" and is_increment(workspace.database)):
        return _results(_invoke(workspace, [*arguments, "--full-refresh"], name))
    statements = Statements(PARSED, project_state(), arguments, workspace.database)
    known = statements.known()
    if known is not None:
        with importing_ahead() if len(known) >= MANY_NODES else nullcontext():
            return [NodeResult(**asdict(sent)) for sent in send(workspace.database, known)]
    recorder = Recorder()
    found = _invoke(workspace, arguments, name, recorder)
    results = _results(found)
    nodes = recorder.nodes(found) if all(result.is_good for result in results) else None
    if nodes is not None:
        statements.write(nodes, replace_whole)
    return results


def _invoke(
    workspace: Workspace, arguments: Sequence[str], engine: str, recorder: Recorder | None = None
) -> Sequence[Any]:
    """Let dbt itself do it; its results."""
    from dbt.cli.main import dbtRunner

    target = workspace.dbt_target
    command = [*arguments, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    command += ["--target-path", str(target), "--log-path", str(target / "logs")]
    if engine == "duckdb":
        command += ["--threads", str(threads(workspace.database))]
    with _environment(workspace, engine):
        runner = dbtRunner(manifest=_parsed(), callbacks=[recorder] if recorder else [])
        # each of thousands of debug lines costs a third of a millisecond to be written
        quiet = ["--log-level", "none", "--log-level-file", "info", "--no-write-json"]
        with ends_at_once():
            outcome = runner.invoke([*quiet, *command])
    if outcome.exception is not None:
        raise RunError("dbt stopped", str(outcome.exception))
    found: Sequence[Any] = getattr(outcome.result, "results", [])
    if "--select" in arguments and not found:
        raise RunError("dbt found nothing to run", " ".join(arguments))
    return found


def threads(database: Path) -> int:
    """How many models are computed at a time: two, or one of `MANY_LINES` landing lines or more.

    Percentiles and sorts of so many need most of the memory that models share; one model alone
    keeps all cores busy then.
    """
    if not database.is_file():
        return 2
    with connect(database, read_only=True) as connection:
        try:
            found = connection.execute("select sum(line_count) from raw.landing_files").fetchone()
        except duckdb.CatalogException:
            return 2
    return 1 if found and (found[0] or 0) >= MANY_LINES else 2


def _results(found: Sequence[Any]) -> list[NodeResult]:
    return [
        NodeResult(
            unique_id=result.node.unique_id,
            status=str(result.status),
            seconds=float(result.execution_time),
            message=str(result.message or ""),
            failure_count=int(result.failures or 0),
            relation=str(getattr(result.node, "relation_name", None) or ""),
            is_view=result.node.config.materialized == "view",
            sql=str(getattr(result.node, "compiled_code", None) or ""),
        )
        for result in found
    ]


def raise_failures(results: Sequence[NodeResult], workspace: Workspace) -> None:
    """Raise RunError naming each failed node with dbt's message, not those skipped for it."""
    bad = [r for r in results if not r.is_good and r.status != "skipped"]
    if bad:
        said = "\n".join(f"  {r.name}: {r.message.strip()}" for r in bad)
        log = workspace.dbt_target / "logs" / "dbt.log"
        raise RunError(f"{len(bad)} dbt models or tests failed (log: {log})", said)


@contextmanager
def _environment(workspace: Workspace, engine: str) -> Iterator[None]:
    """Point profiles.yml at the workspace's warehouse while dbt runs, and let go of it after."""
    workspace.warehouse.mkdir(parents=True, exist_ok=True)
    ours = {
        "STEELYARD_DATABASE": str(workspace.database),
        "STEELYARD_KEEP_OPEN": "True",
        "STEELYARD_ENGINE": engine,
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        _let_go()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _let_go() -> None:
    """Close the warehouse, which dbt opens anew for each model unless it is told to keep it."""
    if engine_name() != "duckdb":
        return
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()


@cache
def project_state() -> str:
    """Digest of the content of all files that dbt parses; computed once in a process."""
    digest = hashlib.sha256()
    for path in project_files():
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def project_files() -> list[Path]:
    """All files that dbt parses."""
    folders = ("dbt_project", "tests/dbt", "seeds/reference")
    nested = [path for folder in folders for path in sorted((PROJECT / folder).rglob("*.*"))]
    return [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml", *nested]


def ensure_manifest() -> Path:
    """Path of dbt's manifest.json, written anew where it is older than the project's files."""
    if not (MANIFEST.exists() and _is_current()):
        from dbt.cli.main import dbtRunner

        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        folders += ["--target-path", str(MANIFEST.parent), "--log-path", str(MANIFEST.parent)]
        parsed = dbtRunner().invoke(["--quiet", "parse", *folders])
        if not parsed.success:
            raise RunError("dbt can't read the project", str(parsed.exception or ""))
        manifest: Any = parsed.result
        _manifests[project_state()] = manifest
        replace_whole(PACKED, manifest.to_msgpack())
        replace_whole(MARK, project_state().encode())
    return MANIFEST


def _is_current() -> bool:
    """Tell whether what was parsed last is the project as it is."""
    return PACKED.exists() and MARK.exists() and MARK.read_text() == project_state()


def _parsed() -> Any:
    """The parsed project: reading it packed takes a hundredth of the time of parsing."""
    state = project_state()
    if state not in _manifests:
        ensure_manifest()
    if state not in _manifests:
        from dbt.contracts.graph.manifest import Manifest

        _manifests[state] = Manifest.from_msgpack(PACKED.read_bytes())
    return _manifests[state]


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file whole, for other processes may read it now."""
    whole = path.with_name(f"{path.name}.{os.getpid()}")
    whole.write_bytes(content)
    whole.replace(path)


def layer_paths(*layers: str) -> list[str]:
    """Selection of the layers that have models, for example `fqn:steelyard.core`.

    Not by path: dbt takes a path from the folder in which the process was started.
    """
    present = [layer for layer in layers if any((LAYERS / layer).rglob("*.sql"))]
    return [f"fqn:steelyard.{layer}" for layer in present]
