"""An interval that was resampled once is looked up, and anything that it depends on is news."""

import duckdb
import numpy as np
import pytest

from orchestration.defs.judge import remembered as module
from orchestration.defs.judge.remembered import Interval, remembered

SAMPLE = np.array([1.0, 2.0, 4.0])


class Counted:
    """Computes an interval, and counts how often."""

    def __init__(self, answer: Interval) -> None:
        self.answer, self.count = answer, 0

    def __call__(self) -> Interval:
        self.count += 1
        return self.answer


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize("answer", [(0.1 + 0.2, 1e300), None])
def test_the_second_run_gets_the_same_bits_without_computing(
    connection: duckdb.DuckDBPyConnection, answer: Interval
) -> None:
    compute = Counted(answer)
    for _ in range(2):
        with remembered(connection, "means") as memory:
            assert memory.interval("key", [SAMPLE], compute) == answer
    assert compute.count == 1


def test_another_key_number_grouping_kind_or_code_is_computed(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = Counted((1.0, 2.0))
    asked = [
        ("key", [SAMPLE]),
        ("other", [SAMPLE]),
        ("key", [np.nextafter(SAMPLE, 9)]),
        ("key", [SAMPLE[:2], SAMPLE[2:]]),
        ("key", [SAMPLE[:1], SAMPLE[1:]]),
    ]
    with remembered(connection, "means") as memory:
        for key, numbers in asked:
            memory.interval(key, numbers, compute)
    assert compute.count == len(asked)
    with remembered(connection, "windows") as memory:
        memory.interval(*asked[0], compute)
    assert compute.count == len(asked) + 1
    monkeypatch.setattr(module, "_code", lambda: "another")
    with remembered(connection, "means") as memory:
        memory.interval(*asked[0], compute)
    assert compute.count == len(asked) + 2


def test_what_a_run_did_not_ask_for_is_forgotten(connection: duckdb.DuckDBPyConnection) -> None:
    for key in ("one", "two"):
        with remembered(connection, "means") as memory:
            memory.interval(key, [SAMPLE], Counted((0.0, 1.0)))
    left = connection.execute(f"select count(*) from {module.TABLE}").fetchall()
    assert left == [(1,)]
