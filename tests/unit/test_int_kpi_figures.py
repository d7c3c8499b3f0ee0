"""What a card says of before and after is re-added from the periods that may be used."""

from datetime import timedelta

import pytest

from tests.unit.mart_world import MONDAY, PERIODS, World, period

WEEKS = [MONDAY + timedelta(weeks=number) for number in range(10)]


def figures(world: World, grades: str, signal: str = "improved") -> tuple[float, float]:
    """Return before and after of a KPI whose weeks have these grades, 1 of 10 more each week."""
    key = {"product_id": "cms", "kpi_id": "k", "week_start_date": WEEKS[9]}
    of_signal = {"product_id": "cms", "metric_id": "adoption", "week_start_date": WEEKS[9]}
    versioned = {"metric_id": "adoption", "metric_version": 1}
    world.table(
        "marts.fct_metric_values",
        f"{PERIODS}, trust_grade varchar",
        [
            period(period_start_date=week, numerator=float(number), trust_grade=grade)
            for number, (week, grade) in enumerate(zip(WEEKS, grades, strict=True))
        ],
    )
    world.table(
        "marts.dim_metrics", "metric_id varchar, kind varchar, natural_period varchar",
        [{"metric_id": "adoption", "kind": "proportion", "natural_period": "week"}],
    )  # fmt: skip
    world.table(
        "marts.dim_kpis", "kpi_id varchar, metric_id varchar",
        [{"kpi_id": "k", "metric_id": "adoption"}],
    )  # fmt: skip
    world.table("registry.metrics", "metric_id varchar, metric_version integer", [versioned])
    world.table(
        "state.limit_segments",
        "product_id varchar, metric_id varchar, metric_version integer, segment_number integer, "
        "baseline_from date, baseline_to date, state varchar",
        [of_signal | versioned | {"segment_number": 1, "baseline_from": WEEKS[0],
                               "baseline_to": WEEKS[4], "state": "locked"}],
    )  # fmt: skip
    for schema in ("marts", "signals"):
        world.table(
            f"{schema}.int_verdicts",
            "product_id varchar, kpi_id varchar, week_start_date date, signal varchar",
            [key | {"signal": signal}],
        )
        world.table(
            f"{schema}.int_signals",
            "product_id varchar, metric_id varchar, week_start_date date, "
            "signal_from_date date, segment_number integer",
            [of_signal | {"signal_from_date": WEEKS[6], "segment_number": 1}],
        )
    (row,) = world.run("int_kpi_figures")
    return row["before_value"], row["after_value"]


def test_before_and_after_are_the_sums_of_their_weeks(world: World) -> None:
    assert figures(world, "AAAAAAAAAA") == ((0 + 1 + 2 + 3 + 4) / 50, (6 + 7 + 8 + 9) / 40)


def test_weeks_that_are_struck_through_count_on_neither_side(world: World) -> None:
    assert figures(world, "ABCDAABABC") == ((0 + 1 + 4) / 30, (6 + 7 + 8) / 30)


@pytest.mark.parametrize(
    ("grades", "after"),
    [("AAAAAAAAAA", sum(range(2, 10)) / 80), ("AAAAACCCAA", (2 + 3 + 4 + 8 + 9) / 50),
     ("AACCCCCCCC", None)],
)  # fmt: skip
def test_what_is_recent_does_not_reach_back_over_weeks_that_are_struck_through(
    world: World, grades: str, after: float | None
) -> None:
    # without a signal the latest eight weeks are after, of which the sound ones count
    assert figures(world, grades, "none")[1] == after
