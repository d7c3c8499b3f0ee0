"""What the mart of values serves of each, and the grade it has, run on small tables."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.sql import render_model
from tests.unit.mart_world import KEY, MONDAY, PERIODS, World, period


def values(world: World, grade: str | None, is_suppressed: bool, **told: Any) -> dict[str, Any]:
    key = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
    row = period(**{"ci_low": 0.2, "ci_high": 0.8, "ci_method": "wilson"} | told)
    world.table("metrics.int_metric_periods", PERIODS, [row])
    intervals = "ci_low double, ci_high double, ci_method varchar"
    bounds = "bound_low double, bound_high double, bound_reason varchar"
    none = {"ci_low": None, "ci_high": None, "ci_method": None}
    judged = row | none | {"bound_low": 0.1, "bound_high": 0.9, "bound_reason": "missing"}
    world.table("marts.int_judged_intervals", f"{key}, {intervals}, {bounds}", [judged])
    for schema in ("marts", "metrics", "signals"):
        world.table(f"{schema}.int_metric_periods_suppressed", key, [row] if is_suppressed else [])
        world.table(
            f"{schema}.int_metric_periods_trusted",
            f"{key}, trust_grade varchar, is_lost boolean",
            [row | {"trust_grade": grade, "is_lost": grade in "CD"}],
        )  # fmt: skip
    world.connection.execute(
        "create table metrics.int_segment_values as select *, '' as suppressed_reason, "
        "false as is_suppressed from metrics.int_metric_periods limit 0"
    )
    world.connection.execute(
        f"create table marts.int_last_trusted_values as {render_model('int_last_trusted_values')}"
    )
    (value,) = world.run("fct_metric_values")
    return value


def test_a_suppressed_value_is_in_no_column(world: World) -> None:
    value = values(world, "A", is_suppressed=True)
    for column in (
        "value", "numerator", "denominator", "unit_count", "person_count", "open_count",
        "ci_low", "ci_high", "ci_method", "bound_low", "bound_high", "bound_reason",
    ):  # fmt: skip
        assert value[column] is None, column
    assert (value["is_suppressed"], value["no_value_reason"]) == (True, "suppressed")


def test_a_value_of_trust_d_is_withheld_and_keeps_its_n(world: World) -> None:
    value = values(world, "D", is_suppressed=False)
    assert (value["value"], value["ci_low"], value["numerator"]) == (None, None, None)
    assert (value["no_value_reason"], value["unit_count"]) == ("withheld", None)


def test_a_value_of_trust_c_keeps_its_number(world: World) -> None:
    value = values(world, "C", is_suppressed=False)
    assert (value["value"], value["no_value_reason"], value["trust_grade"]) == (0.5, None, "C")
    assert (value["bound_low"], value["bound_high"], value["bound_reason"]) == (0.1, 0.9, "missing")


@pytest.mark.parametrize("mean, is_served", [(0.5, True), (0.8, True), (680.0, False)])
def test_times_whose_mean_lies_outside_their_log_normal_interval_have_none(
    world: World, mean: float, is_served: bool
) -> None:
    value = values(world, "A", is_suppressed=False, value=mean, ci_method="modified_cox")
    told = (0.2, 0.8, "modified_cox") if is_served else (None, None, None)
    assert (value["ci_low"], value["ci_high"], value["ci_method"]) == told
    assert value["value"] == mean


def trusted(world: World, grades: dict[date, str], rows: list[dict[str, Any]]) -> dict:
    world.table("metrics.int_metric_periods", PERIODS, rows)
    world.table(
        "marts.dim_metrics", "metric_id varchar, companion_of_metric_id varchar",
        [{"metric_id": "adoption"},
         {"metric_id": "adoption_median", "companion_of_metric_id": "adoption"}],
    )  # fmt: skip
    world.table(
        "guard.metric_trust",
        "product_id varchar, metric_id varchar, week_start_date date, grade varchar, "
        "check_id integer",
        [
            {"product_id": "cms", "metric_id": "adoption", "week_start_date": week, "grade": grade}
            for week, grade in grades.items()
        ],
    )
    return {
        (row["metric_id"], row["period_grain"], row["period_start_date"]): row["trust_grade"]
        for row in world.run("int_metric_periods_trusted")
    }


def test_a_week_without_checks_is_a_d_and_a_longer_period_is_as_bad_as_its_weeks_in_use(
    world: World,
) -> None:
    second, third = MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)
    rows = [
        period(), period(period_start_date=second), period(period_start_date=third),
        period(period_grain="fortnight"),
        period(period_grain="fortnight", period_start_date=third),
        period(metric_id="adoption_median"),
    ]  # fmt: skip
    grades = trusted(world, {MONDAY: "A", second: "C"}, rows)
    assert grades[("adoption", "week", third)] == "D"
    assert grades[("adoption", "fortnight", MONDAY)] == "C"
    assert grades[("adoption", "fortnight", third)] == "D"
    assert grades[("adoption_median", "week", MONDAY)] == "A"


@pytest.mark.parametrize(
    ("spoilt", "week"),
    [
        ({}, 2), ({"is_ripe": False}, 1), ({"value": None}, 1), ({"grade": "C"}, 1),
        ({"grade": "B"}, 2), ({"is_hidden": True}, 1),
    ],
    ids=["as is", "unripe", "no value", "not trusted", "small doubts", "suppressed"],
)  # fmt: skip
def test_beside_what_is_not_trusted_stands_the_latest_value_that_is(
    world: World, spoilt: dict[str, Any], week: int
) -> None:
    grades = ("A", "A", spoilt.get("grade", "A"), "D")
    rows = [
        period(period_start_date=MONDAY + timedelta(weeks=n), value=n / 10) | {"trust_grade": grade}
        for n, grade in enumerate(grades)
    ]
    rows[2] |= spoilt
    world.table("metrics.int_metric_periods", PERIODS, rows)
    world.table("marts.int_metric_periods_trusted", f"{KEY}, trust_grade varchar", rows)
    hidden = [rows[2]] if "is_hidden" in spoilt else []
    world.table("metrics.int_metric_periods_suppressed", KEY, hidden)
    found = {row["period_start_date"]: row for row in world.run("int_last_trusted_values")}
    last = found[rows[3]["period_start_date"]]
    assert last["last_trusted_period_start_date"] == MONDAY + timedelta(weeks=week)
    assert last["last_trusted_value"] == week / 10
    # a period that is to be used needs no other beside it
    assert set(found) <= {row["period_start_date"] for row in rows if row["trust_grade"] in "CD"}
