"""Segments of the sample organisation, and the hiding of them, against the oracle."""

import math
import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from orchestration.workspace import Workspace
from tests.oracles.oracle_events import read_events, read_registry
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.oracle_segments import Cell, SegmentOracle

SERVED = """
    select segment_value, period_start_date, numerator, denominator, is_suppressed
    from marts.fct_metric_values
    where product_id = ? and metric_id = ? and segment_type = ? and period_grain = ?
"""
RIPE_WEEKS = """
    select period_start_date from metrics.int_metric_periods
    where product_id = ? and metric_id = ? and period_grain = 'week' and is_ripe
"""


@pytest.fixture(scope="module")
def oracle(published_sample: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """Return the oracle over the files of products whose metrics are shown by segment."""
    registry = read_registry(published_sample.seeds)
    landing = tmp_path_factory.mktemp("landing")
    for product in {row["product_id"] for row in registry["segmented_metrics"]}:
        folder = Path("cloudevents") / product
        shutil.copytree(published_sample.landing / folder, landing / folder)
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        ((as_of,),) = connection.execute("select as_of_at from registry.run_context").fetchall()
    return Oracle(registry, read_events(landing, registry), as_of)


def test_every_segment_is_as_the_oracle_has_it_hidden_ones_included(
    published_sample: Workspace, oracle: Oracle
) -> None:
    hidden: Counter[str] = Counter()
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        for row in oracle.registry["segmented_metrics"]:
            key = (row["product_id"], row["metric_id"])
            segments = SegmentOracle(oracle, *key, row["segment_type"])
            weeks = [week for (week,) in connection.execute(RIPE_WEEKS, key).fetchall()]
            grain = segments.grain(weeks)
            rows = connection.execute(SERVED, [*key, row["segment_type"], grain]).fetchall()
            expected = segments.served(grain, weeks)
            assert {(value, start) for value, start, *_ in rows} == set(expected), key
            for value, start, numerator, denominator, is_suppressed in rows:
                parts = expected[value, start]
                assert is_suppressed == (parts is None), (*key, value, start)
                hidden[row["metric_id"]] += is_suppressed
                if parts is None:
                    assert (numerator, denominator) == (None, None)
                    continue
                assert math.isclose(numerator, parts[0], rel_tol=1e-9), (*key, value, start)
                below = denominator if parts[1] is None else parts[1]
                assert math.isclose(denominator, below, rel_tol=1e-9), (*key, value, start)
    assert hidden["time_to_decision"] and hidden["error_fixing_share"]


def test_the_worked_case_hides_the_smallest_team_and_the_next(oracle: Oracle) -> None:
    segments = SegmentOracle(oracle, "insight_desk", "time_to_decision", "region")
    monday = next(week for _, week in segments.weekly)
    segments.weekly.clear()
    for team, size in {"A": 12, "B": 7, "C": 3}.items():
        people = {f"{team}{number}": 1.0 for number in range(size)}
        cell = Cell()
        cell.numerators.update(people)
        cell.denominators.update(people)
        segments.weekly[team, monday] = cell
    served = segments.served("week", [monday])
    assert served == {
        ("A", monday): (12.0, 12.0), ("B", monday): None, ("C", monday): None,
        ("other", monday): (10.0, 10.0),
    }  # fmt: skip
