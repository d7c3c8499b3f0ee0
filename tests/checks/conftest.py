"""One warehouse for all sources that the checks are tried on, made once; it takes seconds."""

import duckdb
import pandas as pd
import pytest

from orchestration import gone
from orchestration.dbt_runner import PROJECT, raise_failures, run_dbt
from orchestration.defs.judge.guard import judge_instruments
from orchestration.defs.load.loaders import load_landing
from orchestration.workspace import Workspace
from tests.checks.registry import registry
from tests.checks.world import AS_OF, land
from tests.oracles.warehouse import write_registry

READ = ("+fqn:steelyard.instruments", "+int_values_raw", "+int_metric_lineage")
"""What the guard reads, with all that stands behind it."""
LEFT_OUT = ("int_contract_statistics", "int_contract_weeks_changed")
"""What only contracts are held against."""


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Return `guard.instrument_checks` of all sources, from their files through the models."""
    workspace = Workspace(tmp_path_factory.mktemp("checks") / "workspace")
    land(workspace.landing)
    workspace.warehouse.mkdir(parents=True)
    load_landing(workspace.database, workspace.landing, PROJECT, None)
    with duckdb.connect(str(workspace.database)) as connection:
        write_registry(connection, registry(), AS_OF)
        connection.execute("create schema state")
        connection.execute("create table state.publications (run_id varchar)")
        gone.prepare(connection)
    selected = ["--select", *READ, "--exclude", *LEFT_OUT]
    raise_failures(run_dbt(workspace, ["run", *selected]), workspace)
    judge_instruments(workspace.database)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        rows = connection.execute("from guard.instrument_checks").df()
    return rows.assign(product_id=rows["source_id"].str.removeprefix("urn:"))
