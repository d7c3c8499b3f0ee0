"""The workspace over the real exports, published once for all tests that look at it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.publications import last_publication
from orchestration.real import REAL_DATA, build
from orchestration.refresh import refresh
from orchestration.workspace import Workspace

NOT_FOUND = f"real data not found: set {REAL_DATA}"

Sql = Callable[..., list[tuple]]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real exports."""
    named = os.environ.get(REAL_DATA)
    if named and Path(named).is_dir():
        return Path(named)
    if "real" in os.environ.get("STEELYARD_FORBID_SKIPS", "").split(","):
        pytest.fail(NOT_FOUND)
    pytest.skip(NOT_FOUND)


@pytest.fixture(scope="session")
def workspace(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """What `make real` publishes, as of the end of its longest series."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # the workers of one run share the folder above their own, and the first one publishes
        shared = shared.parent
    workspace = Workspace(shared / "real")
    with (shared / "real.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if last_publication(workspace) is None:
            build(workspace, real_data)
            refresh(workspace)
    return workspace


@pytest.fixture(scope="session")
def sql(workspace: Workspace) -> Iterator[Sql]:
    """Rows of a query over the warehouse."""
    yield from _reader(workspace.database)


@pytest.fixture(scope="session")
def marts(workspace: Workspace) -> Iterator[Sql]:
    """Rows of a query over the published marts, by their plain names."""
    yield from _reader(workspace.publish / "marts.duckdb", "use marts")


def _reader(database: Path, *statements: str) -> Iterator[Sql]:
    with duckdb.connect(str(database), read_only=True) as connection:
        for statement in ("set TimeZone = 'UTC'", *statements):
            connection.execute(statement)

        def rows(query: str, *parameters: object) -> list[tuple]:
            return connection.execute(query, list(parameters)).fetchall()

        yield rows
