"""Medians and observed weeks of the delivery measures, and what is withheld, on small tables."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.mart_world import World

QUARTER = date(2024, 1, 1)
HOUR_US = 3_600_000_000
FLAGS = ("is_failed", "is_by_route_3", "is_mended_only", "has_kind", "is_rework", "is_reverting",
         "is_unattributed")  # fmt: skip
ITEM = ("product_id varchar, service_id varchar, item_kind varchar, duration_us bigint, "
        "quarter_start_date date, " + ", ".join(f"{flag} boolean" for flag in FLAGS))  # fmt: skip
GRID = ("product_id varchar, service_id varchar, is_product boolean, quarter_start_date date, "
        "observed_weeks double, is_complete boolean")  # fmt: skip


def items(kind: str, hours: list[float | None], **flags: bool) -> list[dict[str, Any]]:
    return [
        {"product_id": "p", "service_id": "s", "item_kind": kind, "quarter_start_date": QUARTER,
         "duration_us": None if h is None else int(h * HOUR_US)}
        | dict.fromkeys(FLAGS, False) | flags
        for h in hours
    ]  # fmt: skip


def quarter(world: World, rows: list[dict[str, Any]]) -> dict[str, Any]:
    world.table("metrics.int_delivery_items", ITEM, rows)
    grid = {"product_id": "p", "service_id": "s", "is_product": False, "is_complete": True,
            "quarter_start_date": QUARTER, "observed_weeks": 13.0}  # fmt: skip
    world.table("metrics.int_delivery_grid", GRID, [grid])
    (row,) = world.run("int_delivery_quarters")
    return row


@pytest.mark.parametrize(
    ("hours", "median"),
    [
        ([3, 10], 6.5),
        ([4, 1, 100], 4),
        ([1, None, 2], 2),
        # as many open as closed: the upper middle is not known
        ([1, None], None),
        ([None], None),
        ([], None),
    ],
)
def test_an_open_recovery_is_longer_than_any(
    world: World, hours: list[float | None], median: float | None
) -> None:
    row = quarter(world, items("deployment", hours, is_failed=True) + items("deployment", [None]))
    assert row["median_recovery_hours"] == median
    assert row["open_recovery_count"] == hours.count(None)
    assert (row["failed_count"], row["deployment_count"]) == (len(hours), len(hours) + 1)


def test_changes_that_were_deployed_before_they_were_made_are_counted_apart(world: World) -> None:
    row = quarter(world, items("change", [-5, 1, 2, 6]))
    assert row["median_lead_time_hours"] == 2
    assert (row["change_count"], row["negative_lead_time_count"]) == (3, 1)


def test_a_quarter_without_deployments_stands_in_the_table(world: World) -> None:
    row = quarter(world, [])
    assert (row["deployment_count"], row["median_lead_time_hours"]) == (0, None)


@pytest.mark.parametrize(
    ("until", "weeks", "is_complete"),
    [(datetime(2024, 4, 1), 13, True), (datetime(2024, 1, 29), 4, False)],
)
def test_a_quarter_is_as_long_as_it_was_observed(
    world: World, until: datetime, weeks: float, is_complete: bool
) -> None:
    world.table("registry.run_context", "reporting_time_zone varchar",
                [{"reporting_time_zone": "UTC"}])  # fmt: skip
    world.table("metrics.int_delivery_items", ITEM, items("deployment", [None]))
    columns = ("product_id varchar, source_id varchar, event_type varchar, "
               "first_occurred_at timestamp")  # fmt: skip
    seen = {"product_id": "p", "source_id": "x", "event_type": "service.deployed",
            "first_occurred_at": datetime(2024, 1, 1) - timedelta(days=1)}  # fmt: skip
    world.table("metrics.int_source_event_counts", columns, [seen])
    columns = "source_id varchar, observed_until_at timestamp"
    mark = {"source_id": "x", "observed_until_at": until}
    world.table("instruments.int_source_watermarks", columns, [mark])
    first = {
        row["is_product"]: row
        for row in world.run("int_delivery_grid")
        if row["quarter_start_date"] == QUARTER
    }
    assert first[False]["observed_weeks"] == first[True]["observed_weeks"] == weeks
    assert first[False]["is_complete"] == is_complete


@pytest.mark.parametrize(
    ("grade", "by_hand", "reason"),
    [
        ("C", None, None), ("D", None, "withheld"), (None, None, "withheld"),
        ("A", "D", "withheld"),
        ("A", "C", None), ("D", "C", "withheld"),
    ],
)  # fmt: skip
def test_measures_of_a_source_that_is_not_to_be_believed_are_withheld(
    world: World, grade: str | None, by_hand: str | None, reason: str | None
) -> None:
    row = quarter(world, items("deployment", [2], is_failed=True, has_kind=True))
    world.table("metrics.int_delivery_quarters",
                ", ".join(f"{n} {_type(v)}" for n, v in row.items()), [row])  # fmt: skip
    columns = "product_id varchar, source_id varchar, event_type varchar"
    sent = {"product_id": "p", "source_id": "x", "event_type": "service.deployed"}
    world.table("metrics.int_source_event_counts", columns, [sent])
    week = {"source_id": "x", "week_start_date": QUARTER + timedelta(weeks=3), "grade": grade}
    columns = "source_id varchar, week_start_date date, grade varchar"
    world.table("guard.source_trust", columns, [week] if grade else [])
    columns = "product_id varchar, week_start_date date, grade varchar"
    lowered = [week | {"product_id": "p", "grade": by_hand}] if by_hand else []
    world.table("marts.int_products_lowered", columns, lowered)
    (served,) = world.run("fct_delivery_quarters")
    assert served["recovery_no_value_reason"] == served["rework_no_value_reason"] == reason
    shown = [served[name] for name in ("deployments_per_week", "change_fail_rate", "rework_rate",
                                       "median_recovery_hours")]  # fmt: skip
    assert shown == ([None] * 4 if reason else [1 / 13, 1.0, 0.0, 2.0])
    counts = [name for name in served if name.endswith("_count")]
    assert len(counts) == 10
    assert {served[name] is None for name in counts} == {reason is not None}


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "bigint", float: "double", str: "varchar", date: "date"}
    return names.get(type(value), "double")
