"""Which state a tripwire is in, week by week, run on small tables."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from tests.sql import render_model
from tests.unit.mart_world import MONDAY, World, period


def tripwire_rows(
    world: World, crossed: list[int], grades: list[str], first: int = 0
) -> list[dict[str, Any]]:
    """One row a week, of which the last is still running."""
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(grades))]
    world.table(
        "metrics.int_tripwire_levels",
        "tripwire_id varchar, kpi_id varchar, product_id varchar, week_start_date date, "
        "observed_value double, observed_n bigint, is_crossed boolean",
        [
            {
                "tripwire_id": "t", "kpi_id": "k", "product_id": "cms", "week_start_date": week,
                "observed_value": 2.0, "observed_n": 30, "is_crossed": number in crossed,
            }
            for number, week in enumerate(weeks)
            if number >= first
        ],
    )  # fmt: skip
    for schema in ("marts", "signals"):
        world.table(
            f"{schema}.int_verdicts",
            "product_id varchar, kpi_id varchar, week_start_date date",
            [{"product_id": "cms", "kpi_id": "k", "week_start_date": week} for week in weeks],
        )
    world.table(
        "registry.tripwires",
        "tripwire_id varchar, kpi_id varchar, metric_id varchar, operator varchar, "
        "threshold double, minimum_n bigint, grain varchar, reason varchar",
        [
            {
                "tripwire_id": "t",
                "kpi_id": "k",
                "metric_id": "adoption",
                "operator": ">=",
                "threshold": 1,
            }
        ],
    )
    world.table(
        "marts.dim_metrics", "metric_id varchar, metric_name varchar, unit varchar",
        [{"metric_id": "adoption", "metric_name": "Adoption", "unit": "%"}],
    )  # fmt: skip
    world.table("registry.run_context", "reporting_time_zone varchar", [
        {"reporting_time_zone": "Europe/Berlin"}
    ])  # fmt: skip
    world.table(
        "metrics.int_metric_weeks",
        "product_id varchar, metric_id varchar, week_end_at timestamp, look_ahead_hours double",
        [
            {"product_id": "cms", "metric_id": "adoption", "look_ahead_hours": 48,
             "week_end_at": datetime.combine(week, time()) + timedelta(days=7, hours=-1)}
            for week in weeks
        ],
    )  # fmt: skip
    declared = render_model("int_declared_tripwire_weeks")
    world.connection.execute(f"create table marts.int_declared_tripwire_weeks as {declared}")
    key = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
    for schema in ("marts", "metrics", "signals"):
        world.table(f"{schema}.int_metric_periods_suppressed", key, [])
        world.table(
            f"{schema}.int_metric_periods_trusted",
            f"{key}, is_ripe boolean, trust_grade varchar",
            [
                period(period_start_date=week) | {"trust_grade": grade, "is_ripe": week < weeks[-1]}
                for week, grade in zip(weeks, grades, strict=True)
            ],
        )
    return sorted(world.run("fct_tripwire_states"), key=lambda row: row["week_start_date"])


def tripwire_states(world: World, crossed: list[int], grade: str = "A") -> list[str]:
    return [row["state"] for row in tripwire_rows(world, crossed, [grade] * 8)]


def test_a_crossing_stays_in_view_for_four_weeks(world: World) -> None:
    lately = ["crossed_lately"] * 3
    assert tripwire_states(world, [1]) == ["quiet", "crossed", *lately, "quiet", "quiet", "quiet"]


def test_a_crossing_that_cannot_be_trusted_is_unverified(world: World) -> None:
    assert tripwire_states(world, [1], "D") == ["unknown", *["unverified"] * 4, *["unknown"] * 3]


def test_a_tripwire_is_unknown_while_its_latest_complete_week_cannot_be_read(world: World) -> None:
    # the week that is still running looks fine: no check had anything to look at
    rows = tripwire_rows(world, [], [*["A"] * 5, "D", "D", "A"])
    told = [(row["state"], row["trust_grade"], row["observed_value"]) for row in rows]
    assert told == [*[("quiet", "A", 2.0)] * 5, *[("unknown", "D", None)] * 3]


def test_nothing_is_told_of_a_level_that_cannot_be_read_but_that_it_was_seen(world: World) -> None:
    rows = tripwire_rows(world, [3, 5], ["A", "A", "A", "D", "A", "A"])
    told = [
        (row["observed_value"], row["observed_n"], row["is_crossed"], row["no_value_reason"])
        for row in rows
    ]
    shown, crossed = (2.0, 30, False, None), (2.0, 30, True, None)
    assert told == [*[shown] * 3, (None, None, None, "withheld"), shown, crossed]
    assert rows[3]["state"] == "unverified"


@pytest.mark.parametrize(
    ("grade", "told"),
    [("A", ("not_ripe", "A", 2.0, None)), ("D", ("unknown", "D", None, "withheld"))],
)
def test_a_tripwire_without_a_complete_week_is_not_ripe_and_is_withheld_for_trust_alone(
    world: World, grade: str, told: tuple
) -> None:
    (row,) = tripwire_rows(world, [], [grade])
    names = ("state", "trust_grade", "observed_value", "no_value_reason")
    assert tuple(row[name] for name in names) == told
    # two days of look-ahead after the Monday on which its week is over
    over = MONDAY + timedelta(days=9) if told[0] == "not_ripe" else None
    assert row["ripe_from_date"] == over


def test_a_declared_tripwire_is_there_before_anything_of_it_was_observed(world: World) -> None:
    rows = tripwire_rows(world, [], ["A"] * 5, first=3)
    assert [row["state"] for row in rows] == [*["no_data"] * 3, "quiet", "quiet"]
    assert [row["observed_value"] for row in rows] == [None, None, None, 2.0, 2.0]
    assert [row["no_value_reason"] for row in rows] == [*["no_data"] * 3, None, None]


def test_a_crossing_in_a_week_that_can_be_read_trips_after_weeks_that_cannot(world: World) -> None:
    rows = tripwire_rows(world, [7], [*["A"] * 4, "D", "D", "D", "A"])
    assert (rows[-1]["state"], rows[-1]["trust_grade"]) == ("crossed", "A")
