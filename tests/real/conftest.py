"""A workspace over the real exports, measured once for all tests that look at it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.dbt_runner import LAYERS, raise_failures, run_dbt
from orchestration.real import REAL_DATA, build
from orchestration.run import begin
from orchestration.workspace import Workspace

NOT_FOUND = f"real data not found: set {REAL_DATA}"
MEASURED = ("staging", "intake", "instruments", "core", "metrics")

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
    """The workspace of `make real`, measured as of the end of its longest series."""
    workspace = Workspace(tmp_path_factory.mktemp("real"))
    build(workspace, real_data)
    begin(workspace, as_of_at=None, connector=None)
    layers = [f"path:dbt_project/models/{layer}" for layer in MEASURED if (LAYERS / layer).is_dir()]
    raise_failures(run_dbt(workspace, ["seed"]), workspace)
    raise_failures(run_dbt(workspace, ["run", "--select", *layers]), workspace)
    return workspace


@pytest.fixture(scope="session")
def sql(workspace: Workspace) -> Iterator[Sql]:
    """Rows of a query over the measured warehouse."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")

        def rows(query: str, *parameters: object) -> list[tuple]:
            return connection.execute(query, list(parameters)).fetchall()

        yield rows
