"""One golden warehouse for all tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.oracles import golden, golden_intervals, golden_people, golden_usage
from tests.oracles.golden_registry import registry
from tests.oracles.warehouse import build


@pytest.fixture(scope="session")
def golden_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the database of the golden products after core and metrics ran on it."""
    home = tmp_path_factory.mktemp("golden") / "workspace"
    events = golden.events() + golden_usage.events() + golden_intervals.events()
    events += golden_people.events()
    return build(home, registry(), events, golden.AS_OF)


@pytest.fixture(scope="session")
def golden_warehouse(golden_database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a read-only connection to the golden warehouse."""
    with duckdb.connect(str(golden_database), read_only=True) as connection:
        yield connection
