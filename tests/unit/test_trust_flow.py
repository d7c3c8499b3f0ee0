"""Trust runs from checks, contracts and people to grades, longer periods and usage tables."""

from datetime import date, timedelta
from typing import Any

import pytest

from orchestration.defs.judge.trust import CHECKS, METRIC_CHECKS, Checks
from tests.unit.mart_world import KEY, World

MONDAY = date(2024, 3, 4)
CHECK = (
    "source_id varchar, event_type varchar, week_start_date date, check_id integer, "
    "severity integer, statistic double, n bigint, expected double, defect varchar, "
    "finding varchar"
)
CONTRACT = (
    "source_id varchar, event_type varchar, week_start_date date, clause varchar, "
    "severity integer, event_count bigint, broken_count bigint, defect varchar"
)


def checks(world: World, clause: str, severity: int, is_hidden: bool = False) -> Checks:
    """Return what trust reads where a source's checks pass and one clause has this severity."""
    of = {"source_id": "portal", "week_start_date": MONDAY}
    passed = of | {"event_type": "*", "check_id": 1, "severity": 0, "n": 40, "statistic": 0.0}
    broken = of | {
        "event_type": "question.asked", "clause": clause, "severity": severity,
        "event_count": 40, "broken_count": 30, "defect": "properties of another type",
    }  # fmt: skip
    world.table("guard.instrument_checks", CHECK, [passed])
    world.table("guard.contract_checks", CONTRACT, [broken])
    people = {"source_id": "portal", "event_type": "question.asked", "is_hidden": is_hidden}
    world.table(
        "metrics.int_person_event_types",
        "source_id varchar, event_type varchar, least_people integer, is_hidden boolean",
        [people | {"least_people": 5}],
    )
    return Checks(world.connection.execute(CHECKS).df())


@pytest.mark.parametrize(
    ("clause", "severity", "grade"),
    [
        ("property_type", 3, "D"), ("property_type", 2, "C"), ("property_type", 1, "A"),
        ("time", 2, "C"), ("known_product", 2, "C"), ("required_property", 3, "A"),
        ("envelope", 3, "A"), ("unique_id", 3, "A"),
    ],
)  # fmt: skip
def test_a_broken_promise_costs_trust_where_no_check_of_the_method_sees_it(
    world: World, clause: str, severity: int, grade: str
) -> None:  # fmt: skip
    found = checks(world, clause, severity).worst("portal", MONDAY, "question.asked")
    assert found.grade == grade
    if grade != "A":
        assert found.reason == "properties of another type (question.asked): 30 of 40 events"
        assert found.check_id == 0


def test_a_broken_promise_about_another_event_type_costs_nothing(world: World) -> None:
    assert checks(world, "property_type", 3).worst("portal", MONDAY, "user.active").grade == "A"


def test_a_reason_gives_no_count_of_hidden_people_away(world: World) -> None:
    found = checks(world, "property_type", 3, is_hidden=True).worst("portal", MONDAY)
    assert found.reason == "properties of another type (question.asked), figures hidden"


def test_a_collapsed_denominator_reaches_all_that_count_the_same_measure(
    world: World,
) -> None:
    found = {
        "product_id": "p", "metric_id": "per_user", "source_id": "portal",
        "event_type": "user.active", "week_start_date": MONDAY, "severity": 2, "n": 9,
        "statistic": 0.2, "expected": 40.0, "defect": "a denominator that collapses",
    }  # fmt: skip
    world.table(
        "guard.metric_checks",
        f"product_id varchar, metric_id varchar, {CHECK}",
        [found | {"check_id": 14}, found | {"check_id": 19, "metric_id": "charted", "severity": 1}],
    )
    sides = [("per_user", "tickets", "numerator"), ("per_user", "users", "denominator"),
             ("adoption", "users", "numerator"), ("adoption", "people", "denominator"),
             ("tickets_filed", "tickets", "numerator"), ("charted", "users", "numerator"),
             ("charted", "people", "denominator"),
             ("elsewhere", "users", "numerator")]  # fmt: skip
    world.table(
        "metrics.int_metric_sides",
        "product_id varchar, metric_id varchar, measure_id varchar, side varchar",
        [
            {"product_id": "q" if metric == "elsewhere" else "p", "metric_id": metric,
             "measure_id": measure, "side": side}
            for metric, measure, side in sides
        ],
    )  # fmt: skip
    people = {"source_id": "portal", "event_type": "user.active", "is_hidden": False}
    world.table(
        "metrics.int_person_event_types",
        "source_id varchar, event_type varchar, least_people integer, is_hidden boolean",
        [people | {"least_people": 10}],
    )
    world.table(
        "registry.measures",
        "measure_id varchar, description varchar, unit_key varchar, aggregate varchar",
        [{"measure_id": "users", "description": "Minutes used", "unit_key": "actor",
          "aggregate": "sum"}],
    )  # fmt: skip
    world.table(
        "registry.metrics",
        "metric_id varchar, kind varchar, denominator_measure_id varchar",
        [{"metric_id": "per_user", "kind": "ratio_of_sums", "denominator_measure_id": "users"}],
    )
    rows = world.connection.execute(METRIC_CHECKS).df()
    told = rows[rows.check_id == 14]
    assert {*zip(told["measured"], told["unit_key"], told["is_of_amounts"], strict=True)} == {
        ("Minutes used", "actor", True)
    }
    assert sorted(zip(rows.check_id, rows.metric_id, strict=True)) == [
        (14, "adoption"), (14, "charted"), (14, "per_user"), (19, "charted"),
    ]  # fmt: skip
    assert rows.is_secret.all()


def periods(*grades: str, ripe: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a four-week period with its weeks, the first `ripe` of them ripe, and their grades."""
    of = {"product_id": "p", "metric_id": "m"}
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(grades))]
    rows = [
        of | {"period_grain": "week", "period_start_date": week, "is_ripe": number < ripe}
        for number, week in enumerate(weeks)
    ]
    rows.append(of | {"period_grain": "four_weeks", "period_start_date": MONDAY, "is_ripe": True})
    graded = zip(weeks, grades, strict=True)
    return rows, [of | {"week_start_date": week, "grade": grade} for week, grade in graded]


@pytest.mark.parametrize(
    ("grades", "ripe", "grade"),
    [("AAAA", 4, "A"), ("ABAA", 4, "B"), ("ADCA", 4, "D"), ("AAAD", 3, "A"), ("AAA", 3, "A")],
    ids=["all sound", "one doubt", "the worst wins", "not in use yet", "three weeks"],
)
def test_a_longer_period_is_as_good_as_the_worst_of_its_weeks_in_use(
    world: World, grades: str, ripe: int, grade: str
) -> None:  # fmt: skip
    rows, trust = periods(*grades, ripe=ripe)
    world.table("metrics.int_metric_periods", f"{KEY}, is_ripe boolean", rows)
    world.table(
        "marts.dim_metrics",
        "metric_id varchar, companion_of_metric_id varchar",
        [{"metric_id": "m"}],
    )
    world.table(
        "guard.metric_trust",
        "product_id varchar, metric_id varchar, week_start_date date, grade varchar, "
        "check_id integer",
        trust,
    )
    found = {
        row["period_grain"]: row["trust_grade"]
        for row in world.run("int_metric_periods_trusted")
        if row["period_grain"] != "week"
    }
    assert found == {"four_weeks": grade}


@pytest.mark.parametrize(
    ("row", "weeks"),
    [
        ({"to_week_date": MONDAY + timedelta(weeks=1)}, [0, 1]),
        ({}, [0, 1, 2]),
        ({"metric_id": "m"}, []),
        ({"product_id": None, "source_id": "s"}, []),
    ],
    ids=["to a week", "until mended", "one metric only", "a source"],
)
def test_a_product_is_lowered_as_a_whole_in_the_weeks_named(
    world: World, row: dict[str, Any], weeks: list[int]
) -> None:  # fmt: skip
    calendar = [{"week_start_date": MONDAY + timedelta(weeks=n)} for n in (-1, 0, 1, 2)]
    world.table("marts.dim_weeks", "week_start_date date", calendar)
    world.table(
        "registry.trust_overrides",
        "product_id varchar, metric_id varchar, source_id varchar, grade varchar, "
        "from_week_date date, to_week_date date",
        [{"product_id": "p", "grade": "C", "from_week_date": MONDAY} | row],
    )
    found = [r["week_start_date"] for r in world.run("int_products_lowered")]
    assert sorted(found) == [MONDAY + timedelta(weeks=number) for number in weeks]


@pytest.mark.parametrize(("lowered", "grade"), [("C", "C"), ("A", "B"), (None, "B")])
def test_usage_of_a_lowered_product_is_lowered_and_never_raised(
    world: World, lowered: str | None, grade: str
) -> None:  # fmt: skip
    use = {"product_id": "p", "event_type": "user.active"}
    named = "product_id varchar, event_type varchar"
    world.table("registry.active_uses", named, [use])
    world.table("registry.funnels", f"funnel_id varchar, {named}", [])
    world.table("metrics.int_source_event_counts", f"{named}, source_id varchar",
                [use | {"source_id": "s"}])  # fmt: skip
    week = {"product_id": "p", "source_id": "s", "week_start_date": MONDAY}
    world.table("guard.source_trust", "source_id varchar, week_start_date date, grade varchar",
                [week | {"grade": "B"}])  # fmt: skip
    world.table(
        "marts.int_products_lowered",
        "product_id varchar, week_start_date date, grade varchar",
        [week | {"grade": lowered}] if lowered else [],
    )
    (found,) = world.run("int_usage_trust")
    assert found["trust_grade"] == grade
