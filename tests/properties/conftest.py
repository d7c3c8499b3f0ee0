"""One warehouse for all drawn products: each of them delivered in four ways."""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import gone
from orchestration.dbt_runner import PROJECT, raise_failures, run_dbt
from orchestration.defs.load.loaders import load_landing
from orchestration.workspace import Workspace
from tests.oracles.warehouse import write_registry
from tests.properties.draw import AS_OF, Scenario, scenarios
from tests.properties.registry import registry

COUNT = 18
WAYS = ("as_is", "shuffled", "split", "redelivered")
SELECTED = (
    *(f"fqn:steelyard.{name}" for name in ("staging", "intake", "core", "metrics")),
    "int_source_days_counted", "int_source_weekday_rates", "int_source_silence_horizons",
    "int_source_watermarks",
    "int_source_lags_changed", "int_source_lag_bins", "int_source_lag_ranks",
    "int_lag_bins_changed", "int_source_lags_kept", "int_source_lag_percentiles",
)  # fmt: skip


@dataclass
class Drawn:
    """The warehouse of all drawn products, and what was drawn."""

    workspace: Workspace
    connection: duckdb.DuckDBPyConnection
    scenarios: Sequence[Scenario]

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        return self.connection.execute(query, list(parameters)).fetchall()


def product(number: int, way: str) -> str:
    """Return the product that stands for a scenario that is delivered in one way."""
    return f"s{number:02d}_{way}"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drawn]:
    """Land all scenarios in all ways, and run intake, core and metrics on them, once."""
    workspace = Workspace(tmp_path_factory.mktemp("drawn") / "workspace")
    found = scenarios(COUNT)
    for number, scenario in enumerate(found):
        for way in WAYS:
            name = product(number, way)
            lines = [
                json.dumps(event.attributes(position, f"urn:{name}")) + "\n"
                for position, event in enumerate(scenario)
            ]
            deliver(workspace.landing / "cloudevents" / name, lines, way, random.Random(number))
    workspace.warehouse.mkdir(parents=True)
    load_landing(workspace.database, workspace.landing, PROJECT, None)
    with duckdb.connect(str(workspace.database)) as connection:
        names = [product(number, way) for number in range(len(found)) for way in WAYS]
        write_registry(connection, registry(names), AS_OF)
        connection.execute("create schema state")
        connection.execute("create table state.publications (run_id varchar)")
        gone.prepare(connection)
    raise_failures(run_dbt(workspace, ["seed"]), workspace)
    raise_failures(run_dbt(workspace, ["run", "--select", *SELECTED]), workspace)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        yield Drawn(workspace, connection, found)


def deliver(folder: Path, lines: list[str], way: str, rng: random.Random) -> None:
    """Write lines to one file, or mixed up, or to three files, or more than once."""
    folder.mkdir(parents=True)
    if way == "shuffled":
        lines = rng.sample(lines, len(lines))
    if way == "split":
        for number in range(3):
            text = "".join(reversed(lines[number::3])).encode()
            (folder / f"{2 - number}.jsonl.gz").write_bytes(gzip.compress(text, mtime=0))
        return
    (folder / "b.jsonl").write_text("".join(lines))
    if way == "redelivered":
        (folder / "a.jsonl").write_text("".join(lines[len(lines) // 2 :]))
        (folder / "c.jsonl").write_text("".join(reversed(lines)))
