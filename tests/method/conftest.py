"""A golden warehouse that a test may alter, and a report of the worked cases that were run."""

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.method import (  # noqa: F401 - their checks register themselves
    figures,
    formulas,
    formulas_of_change,
    golden_figures,
)
from tests.method.cases import CASES, CHECKS, differences, wanted
from tests.oracles.conftest import golden_database  # noqa: F401 - a fixture

PROPERTY = "worked_case"


@pytest.fixture(scope="session")
def golden_copy(golden_database: Path) -> Iterator[duckdb.DuckDBPyConnection]:  # noqa: F811
    """Return a connection to a copy of the golden warehouse."""
    path = golden_database.with_name("method.duckdb")
    shutil.copyfile(golden_database, path)
    with duckdb.connect(str(path)) as connection:
        yield connection


@pytest.fixture
def golden(golden_copy: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return the golden warehouse within a transaction that is undone."""
    golden_copy.execute("begin")
    yield golden_copy
    golden_copy.execute("rollback")


def failures(case_id: str, request: pytest.FixtureRequest) -> list[str]:
    """Return where the product's figures of a worked case differ from the expected ones."""
    case, check = CASES[case_id], CHECKS[case_id]
    fixtures = [
        request.getfixturevalue(name)
        for name in inspect.signature(check).parameters
        if name == "golden"
    ]
    return differences(check(case["inputs"], *fixtures), wanted(case), case["tolerance"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the ids of the worked cases that came out."""
    reports = terminalreporter.getreports("passed")
    ids = {value for r in reports for name, value in r.user_properties if name == PROPERTY}
    if ids:
        terminalreporter.section("worked cases of the method")
        terminalreporter.write_line(f"{len(ids)} of {len(CASES)}: {' '.join(sorted(ids))}")
