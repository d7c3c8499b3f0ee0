"""The sample organisation on PostgreSQL: every served table as DuckDB publishes it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.workspace import Workspace
from tests.engines.compare import differences
from tests.engines.servers import postgres_binaries, postgres_server

pytestmark = pytest.mark.postgres


def test_postgresql_publishes_what_duckdb_publishes(
    published_sample: Workspace, tmp_path: Path
) -> None:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    workspace = Workspace(tmp_path / "on_postgres")
    for folder in ("seeds", "landing", "secrets"):
        shutil.copytree(published_sample.home / folder, workspace.home / folder)

    with postgres_server(binaries) as server:
        chosen = {"STEELYARD_ENGINE": "postgres", "STEELYARD_HOME": str(workspace.home)}
        run = subprocess.run(
            [sys.executable, "-m", "orchestration.cli", "refresh"],
            env={**os.environ, **server, **chosen}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    ours, theirs = (w.publish / "marts.duckdb" for w in (published_sample, workspace))
    assert differences(ours, theirs) == []
