"""The seed tables that SQL looks up say what SciPy says."""

import csv
from pathlib import Path

import pytest
import yaml
from scipy.stats import binom, chi2, poisson, t

REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"


def rows(name: str) -> list[dict[str, float]]:
    """Return a seed's rows as numbers."""
    with (REFERENCE / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return [{key: float(text) for key, text in row.items()} for row in csv.DictReader(file)]


def test_quantiles_of_student_leave_the_right_tail() -> None:
    found = rows("ref_t_quantile")
    assert len(found) == 2000
    for row in found:
        tail = t.sf(row["quantile"], row["degrees_of_freedom"])
        assert tail == pytest.approx((1 - row["confidence_level"]) / 2, rel=1e-9)


def test_limits_of_a_count_leave_the_right_tails() -> None:
    found = rows("ref_poisson_limits")
    assert len(found) == 2 * 501
    for row in found:
        tail = (1 - row["confidence_level"]) / 2
        count = row["event_count"]
        assert poisson.cdf(count, row["upper_limit"]) == pytest.approx(tail, rel=1e-8)
        if count:
            assert poisson.sf(count - 1, row["lower_limit"]) == pytest.approx(tail, rel=1e-8)
        else:
            assert row["lower_limit"] == 0


def test_operating_time_over_the_limits_bounds_time_between_failures() -> None:
    # T = 154 h, r = 3 at 90 %: 19.86 to 188.3
    limits = {
        row["event_count"]: row
        for row in rows("ref_poisson_limits")
        if row["confidence_level"] == 0.9
    }
    assert 154 / limits[3]["upper_limit"] == pytest.approx(19.86159684)
    assert 154 / limits[3]["lower_limit"] == pytest.approx(188.3350994)
    assert limits[3]["upper_limit"] == pytest.approx(chi2.ppf(0.95, 8) / 2)


def test_ranks_of_a_quantile_leave_at_most_a_fortieth_outside_and_are_the_narrowest() -> None:
    with (REFERENCE / "ref_quantile_ranks.csv").open(newline="", encoding="utf-8") as file:
        found = {
            (row["statistic"], int(row["item_count"])): (
                int(row["lower_rank"]),
                int(row["upper_rank"]),
            )
            for row in csv.DictReader(file)
        }
    # the method's worked ranks of a median
    worked = {6: (1, 6), 9: (2, 8), 12: (3, 10), 20: (6, 15)}
    assert {count: found["p50", count] for count in worked} == worked
    assert ("p50", 5) not in found and ("p95", 71) not in found and ("p95", 73) in found
    for (statistic, count), (lower, upper) in found.items():
        below = binom(count, int(statistic[1:]) / 100)
        assert below.cdf(lower - 1) <= 0.025 < below.cdf(lower)
        assert below.sf(upper - 1) <= 0.025 < below.sf(upper - 2)


def test_a_reference_table_with_a_new_column_replaces_that_of_an_earlier_version() -> None:
    # loaded into the table that a workspace has, a file with another column is refused
    project = yaml.safe_load((Path(__file__).parents[2] / "dbt_project.yml").read_text())
    assert project["seeds"]["steelyard"]["+full_refresh"] is True
