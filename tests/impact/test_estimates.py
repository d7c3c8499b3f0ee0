"""What interventions did, from weeks made by hand: the worked cases, and what keeps one back."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.judge.impact import write_impact

LAUNCH = date(2024, 6, 5)
LAUNCH_WEEK = date(2024, 6, 3)
TABLES = """
create schema registry; create schema metrics; create schema guard;
create table registry.interventions (
    intervention_id varchar, product_id varchar, metric_id varchar, launch_date date,
    design varchar, control_metrics varchar, washout_weeks integer, window_weeks integer);
create table registry.unit_costs (
    intervention_id varchar, hours_per_unit double, units double, units_low double,
    units_high double, hourly_cost double, hourly_cost_low double, hourly_cost_high double);
create table registry.metrics (metric_id varchar, kind varchar, unit varchar);
create table metrics.int_metric_periods (
    product_id varchar, metric_id varchar, segment_type varchar, period_grain varchar,
    period_start_date date, value double, numerator double, denominator double, is_ripe boolean);
create table metrics.int_metric_periods_suppressed (
    product_id varchar, metric_id varchar, period_grain varchar, period_start_date date);
create table guard.metric_trust (
    product_id varchar, metric_id varchar, week_start_date date, grade varchar);
create table metrics.int_duration_items (
    product_id varchar, metric_id varchar, week_start_date date, restricted double);
"""
Parts = tuple[float, float]


class Launched:
    """A product `p` with a metric `m`, changed in the week of 2024-06-03."""

    def __init__(self, path: Path, kind: str, unit: str = "share") -> None:
        self.path = path
        self.connection = duckdb.connect(str(path))
        self.connection.execute(TABLES)
        self.connection.execute("insert into registry.metrics values ('m', ?, ?)", [kind, unit])

    def weeks(self, before: list[Parts], after: list[Parts], product: str = "p") -> None:
        """Weeks that end before the launch, one of the launch, and those that follow."""
        rows = [*before, before[-1], *after]
        start = LAUNCH_WEEK - timedelta(weeks=len(before))
        for number, (x, n) in enumerate(rows):
            week = start + timedelta(weeks=number)
            value = x / n if n else None
            self.connection.execute(
                "insert into metrics.int_metric_periods values"
                " (?, 'm', 'all', 'week', ?, ?, ?, ?, true)",
                [product, week, value, x, n],
            )
            self.connection.execute(
                "insert into guard.metric_trust values (?, 'm', ?, 'A')", [product, week]
            )

    def estimate(self, design: str, controls: str | None = None, weeks: int = 8) -> dict:
        self.connection.execute(
            "insert into registry.interventions values ('i', 'p', 'm', ?, ?, ?, 0, ?)",
            [LAUNCH, design, controls, weeks],
        )
        self.connection.close()
        write_impact(self.path)
        with duckdb.connect(str(self.path)) as connection:
            found = connection.execute(
                "select * from guard.impact_estimates where horizon = 'window'"
            )
            names = [column[0] for column in found.description or ()]
            return dict(zip(names, found.fetchall()[0], strict=True))


@pytest.fixture
def tickets(tmp_path: Path) -> Launched:
    """60 tickets in 400 user-weeks before, 40 in 420 after: the worked deflection."""
    launched = Launched(tmp_path / "impact.duckdb", "count_rate", "tickets per user-week")
    before = [(7.0, 50.0), (8.0, 50.0)] * 4
    after = [(5.0, 52.5)] * 8
    launched.weeks(before, after)
    return launched


def test_the_worked_deflection_is_of_rates_and_not_of_counts(tickets: Launched) -> None:
    tickets.connection.execute(
        "insert into registry.unit_costs values ('i', 0.75, null, null, null, 80, 80, 80)"
    )
    found = tickets.estimate("deflection")
    assert (found["before_value"], found["after_value"]) == (0.15, pytest.approx(0.0952, abs=5e-5))
    assert found["avoided"] == pytest.approx(23.0, abs=0.05)
    assert found["avoided_low"] == pytest.approx(2.2, abs=0.05)
    assert found["avoided_high"] == pytest.approx(44.4, abs=0.05)
    assert found["capacity_value"] == pytest.approx(1380, abs=1)
    assert found["capacity_value_low"] == pytest.approx(133, abs=1)
    assert found["capacity_value_high"] == pytest.approx(2664, abs=1)
    assert found["is_value_shown"] and found["p_value"] is None


def test_the_worked_difference_in_differences_has_the_least_rank_that_nine_allow(
    tmp_path: Path,
) -> None:
    launched = Launched(tmp_path / "impact.duckdb", "count_rate")
    launched.weeks([(50, 1)] * 8, [(38, 1)] * 8)
    for number, change in enumerate([-5, -3, -2, -1, -1, 0, 0, 1, 2]):
        launched.weeks([(40, 1)] * 8, [(40 + change, 1)] * 8, product=f"c{number}")
    controls = ";".join(f"c{number}:m" for number in range(9))
    found = launched.estimate("difference_in_differences", controls)
    assert (found["effect"], found["p_value"], found["control_count"]) == (
        pytest.approx(-11), pytest.approx(0.1), 9,
    )  # fmt: skip


def test_four_controls_give_an_effect_without_a_rank(tmp_path: Path) -> None:
    launched = Launched(tmp_path / "impact.duckdb", "count_rate")
    launched.weeks([(50, 1)] * 8, [(38, 1)] * 8)
    for number in range(4):
        launched.weeks([(40, 1)] * 8, [(39, 1)] * 8, product=f"c{number}")
    found = launched.estimate("difference_in_differences", "c0:m;c1:m;c2:m;c3:m")
    assert (found["effect"], found["p_value"]) == (pytest.approx(-11), None)


def test_a_difference_that_grew_before_is_told(tmp_path: Path) -> None:
    launched = Launched(tmp_path / "impact.duckdb", "count_rate")
    launched.weeks([(50 - n, 1) for n in range(8)], [(38, 1)] * 8)
    launched.weeks([(40 + n % 2, 1) for n in range(8)], [(40, 1)] * 8, product="c0")
    found = launched.estimate("difference_in_differences", "c0:m")
    assert found["has_flat_difference_before"] is False


def test_shares_before_and_after_have_the_newcombe_interval(tmp_path: Path) -> None:
    launched = Launched(tmp_path / "impact.duckdb", "proportion")
    launched.weeks([(0, 1), (1, 2), (1, 2), (2, 4)], [(2, 2), (2, 2), (2, 3), (2, 3)])
    found = launched.estimate("before_after", weeks=4)
    # 8 of 10 after 4 of 9
    assert found["change"] == pytest.approx(0.356, abs=5e-4)
    assert (found["ci_low"], found["ci_high"]) == (
        pytest.approx(-0.068, abs=5e-4), pytest.approx(0.649, abs=5e-4),
    )  # fmt: skip


def test_an_interrupted_series_has_a_counterfactual_and_no_p(tmp_path: Path) -> None:
    launched = Launched(tmp_path / "impact.duckdb", "stock")
    wave = [0.5, -0.5, 0.25, -0.25]
    launched.weeks(
        [(20 + n + wave[n % 4], 1) for n in range(16)], [(27 + wave[n % 4], 1) for n in range(8)]
    )
    found = launched.estimate("interrupted_series")
    assert found["counterfactual_at_last"] == pytest.approx(43, abs=0.6)
    assert found["effect"] == pytest.approx(27 - 43, abs=1)
    assert found["p_value"] is None and found["false_start_rank"] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("update metrics.int_metric_periods set is_ripe = false"
         " where period_start_date = '2024-07-29'", "not_ripe"),
        ("update guard.metric_trust set grade = 'C' where week_start_date = '2024-05-27'",
         "withheld"),
        ("insert into metrics.int_metric_periods_suppressed values"
         " ('p', 'm', 'week', '2024-06-24')", "suppressed"),
        ("delete from metrics.int_metric_periods where period_start_date < '2024-05-01'",
         "no_items"),
        ("delete from metrics.int_metric_periods where period_start_date > '2024-07-01'",
         "not_ripe"),
    ],
)  # fmt: skip
def test_windows_that_are_not_whole_have_no_estimate(
    tickets: Launched, change: str, reason: str
) -> None:
    tickets.connection.execute(change)
    found = tickets.estimate("deflection")
    assert (found["no_value_reason"], found["effect"], found["before_value"]) == (
        reason, None, None,
    )  # fmt: skip
