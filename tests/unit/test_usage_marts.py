"""What the served tables of use and reasons show, hide and add up to."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.unit.mart_world import World

MONDAY = date(2024, 1, 1)
TRUST = "purpose varchar, product_id varchar, week_start_date date, trust_grade varchar"
PARTS = ("new", "retained", "resurrected", "churned", "departed")
COUNTS = ", ".join(f"{part}_people bigint" for part in PARTS)


def trust(world: World, grade: str | None, purpose: str = "use") -> None:
    """Give the product's sources a grade in the week, or none."""
    row = {"purpose": purpose, "product_id": "p", "week_start_date": MONDAY, "trust_grade": grade}
    world.table("marts.int_usage_trust", TRUST, [row] if grade else [])


@pytest.mark.parametrize(
    ("grade", "is_small", "active", "reason", "shows_total"),
    [
        ("C", False, 5, None, True),
        ("A", True, 5, "suppressed", True),
        ("A", True, 4, "suppressed", False),
        ("D", False, 5, "withheld", False),
        (None, False, 5, "withheld", False),
    ],
)
def test_parts_of_growth_are_hidden_together(
    world: World, grade: str | None, is_small: bool, active: int, reason: str | None,
    shows_total: bool,
) -> None:  # fmt: skip
    trust(world, grade)
    columns = (f"product_id varchar, week_start_date date, active_people bigint, {COUNTS}, "
               "least_people integer, is_complete boolean, is_small boolean")  # fmt: skip
    week = {"product_id": "p", "week_start_date": MONDAY, "active_people": active,
            "least_people": 5, "is_complete": True, "is_small": is_small}  # fmt: skip
    week |= {f"{part}_people": 9 for part in PARTS}
    world.table("metrics.int_growth_weeks", columns, [week, week | {"is_complete": False}])
    (row,) = world.run("fct_growth_accounting")
    assert row["no_value_reason"] == reason
    assert {row[f"{part}_people"] for part in PARTS} == {9 if reason is None else None}
    assert (row["active_people"] is not None) == shows_total


@pytest.mark.parametrize(
    ("is_complete", "is_small", "reason"),
    [(True, False, None), (True, True, "suppressed"), (False, True, "not_ripe")],
)
def test_a_cell_of_retention_is_shown_once_complete_and_never_small(
    world: World, is_complete: bool, is_small: bool, reason: str | None
) -> None:
    trust(world, "A")
    columns = ("product_id varchar, cohort_week_start_date date, week_number integer, "
               "week_start_date date, cohort_people bigint, retained_people bigint, "
               "is_complete boolean, is_small boolean")  # fmt: skip
    cell = {"product_id": "p", "cohort_week_start_date": date(2023, 12, 25), "week_number": 1,
            "week_start_date": MONDAY, "cohort_people": 20, "retained_people": 8,
            "is_complete": is_complete, "is_small": is_small}  # fmt: skip
    world.table("metrics.int_retention_cells", columns, [cell])
    (row,) = world.run("fct_retention")
    shown = (row["cohort_people"], row["retained_people"], row["retained_share"])
    assert (row["no_value_reason"], shown) == (
        reason, (20, 8, 0.4) if reason is None else (None,) * 3
    )  # fmt: skip


@pytest.mark.parametrize(
    ("final_at", "is_small", "reason"),
    [
        (datetime(2024, 1, 9), False, None),
        (datetime(2024, 1, 9, 0, 0, 1), False, "not_ripe"),
        (datetime(2024, 1, 9), True, "suppressed"),
    ],
)
def test_a_funnel_is_shown_when_its_last_window_is_over(
    world: World, final_at: datetime, is_small: bool, reason: str | None
) -> None:
    trust(world, "A", "f")
    world.table("registry.run_context", "as_of_at timestamp", [{"as_of_at": datetime(2024, 1, 9)}])
    columns = ("funnel_id varchar, product_id varchar, week_start_date date, step_number integer, "
               "event_type varchar, entered_count bigint, reached_count bigint, "
               "first_step_event_count bigint, final_at timestamp, is_small boolean")  # fmt: skip
    step = {"funnel_id": "f", "product_id": "p", "week_start_date": MONDAY, "step_number": 2,
            "event_type": "e", "entered_count": 20, "reached_count": 5,
            "first_step_event_count": 40, "final_at": final_at, "is_small": is_small}  # fmt: skip
    world.table("metrics.int_funnel_weeks", columns, [step])
    (row,) = world.run("fct_funnels")
    shown = (row["reached_share"], row["duplicate_ratio"])
    assert (row["no_value_reason"], shown) == (
        reason, (0.25, 2) if reason is None else (None, None)
    )  # fmt: skip


def reasons(
    world: World,
    rows: list[tuple[str | None, float]],
    is_small: bool = False,
    item_kind: str = "event",
    hidden: dict[str, bool] | None = None,
    grade: str | None = "A",
) -> Any:
    """Return the Pareto table of (reason, amount); `hidden` types of events may be beside one."""
    columns = "diagnostic_id varchar, product_id varchar, diagnostic_name varchar, "
    world.table(
        "registry.diagnostics",
        columns + "item_kind varchar, item_type varchar, quantity varchar, trailing_days integer",
        [{"diagnostic_id": "d", "product_id": "p", "diagnostic_name": "Causes",
          "item_kind": item_kind, "item_type": "left"}],
    )  # fmt: skip
    world.table(
        "metrics.int_person_event_types",
        "product_id varchar, event_type varchar, is_hidden boolean, is_beside boolean",
        [{"product_id": "p", "event_type": name, "is_hidden": True, "is_beside": is_beside}
         for name, is_beside in (hidden or {}).items()],
    )  # fmt: skip
    world.table(
        "marts.int_secret_task_types", "product_id varchar, task_type_id varchar",
        [{"product_id": "p", "task_type_id": "left"}],
    )  # fmt: skip
    world.table(
        "marts.int_diagnostic_trust", "diagnostic_id varchar, trust_grade varchar",
        [{"diagnostic_id": "d", "trust_grade": grade}] if grade else [],
    )  # fmt: skip
    world.table(
        "metrics.int_diagnostic_reasons",
        "product_id varchar, diagnostic_id varchar, reason varchar, is_unknown boolean, "
        "amount double, item_count bigint, is_small boolean",
        [{"product_id": "p", "diagnostic_id": "d", "reason": reason, "amount": amount,
          "is_unknown": reason is None, "item_count": 1, "is_small": is_small}
         for reason, amount in rows],
    )  # fmt: skip
    return sorted(world.run("fct_diagnostics"), key=lambda row: row["reason_rank"])


def test_reasons_stand_in_order_of_their_amount_and_the_unknown_comes_last(world: World) -> None:
    found = reasons(world, [("net", 3), (None, 10), ("disk", 6), ("cpu", 1)])
    assert [row["reason"] for row in found] == ["disk", "net", "cpu", "unknown"]
    assert [row["share"] for row in found] == pytest.approx([0.3, 0.15, 0.05, 0.5])
    assert [row["cumulative_share"] for row in found] == pytest.approx([0.3, 0.45, 0.5, 1])
    assert {row["unknown_share"] for row in found} == {0.5}


@pytest.mark.parametrize(
    ("item_kind", "hidden", "is_coarse"),
    [("event", {"left": False}, True), ("event", {"left": True}, False),
     ("event", {"came": False}, False), ("task", {}, True)],
)  # fmt: skip
def test_reasons_of_what_people_of_a_hidden_figure_did_are_parts_of_a_whole_that_is_not_told(
    world: World, item_kind: str, hidden: dict[str, bool], is_coarse: bool
) -> None:
    found = reasons(world, [("net", 2), ("disk", 1)], item_kind=item_kind, hidden=hidden)
    assert {row["is_coarse"] for row in found} == {is_coarse}
    assert [row["amount"] for row in found] == ([None, None] if is_coarse else [2, 1])
    assert [row["item_count"] for row in found] == ([None, None] if is_coarse else [1, 1])
    shares = [row["share"] for row in found]
    assert shares == ([0.67, 0.33] if is_coarse else pytest.approx([2 / 3, 1 / 3]))


@pytest.mark.parametrize("days, is_withheld", [(28, True), (20, False)])
@pytest.mark.parametrize("item_kind", ["event", "task"])
def test_reasons_are_as_good_as_their_sources_over_the_days_looked_at(
    world: World, days: int, is_withheld: bool, item_kind: str
) -> None:
    as_of_at = datetime(2024, 2, 1, 9)
    broken, sound = date(2024, 1, 1), date(2024, 1, 29)
    world.table("registry.run_context", "as_of_at timestamp", [{"as_of_at": as_of_at}])
    world.table(
        "registry.diagnostics",
        "diagnostic_id varchar, product_id varchar, item_kind varchar, item_type varchar, "
        "trailing_days integer",
        [{"diagnostic_id": "d", "product_id": "p", "item_kind": item_kind, "item_type": "left",
          "trailing_days": days}],
    )  # fmt: skip
    world.table(
        "registry.task_types",
        "task_type_id varchar, start_event_type varchar, finish_event_type varchar",
        [{"task_type_id": "left", "start_event_type": "came", "finish_event_type": "left"}],
    )
    world.table(
        "metrics.int_source_event_counts",
        "product_id varchar, source_id varchar, event_type varchar",
        [{"product_id": "p", "source_id": "s", "event_type": "left"},
         {"product_id": "p", "source_id": "other", "event_type": "right"}],
    )  # fmt: skip
    graded = [("s", broken, "D"), ("s", sound, "B"), ("other", sound, "D")]
    world.table(
        "guard.source_trust", "source_id varchar, week_start_date date, grade varchar",
        [dict(zip(("source_id", "week_start_date", "grade"), row, strict=True)) for row in graded],
    )  # fmt: skip
    world.table("marts.int_products_lowered",
                "product_id varchar, week_start_date date, grade varchar", [])  # fmt: skip
    (row,) = world.run("int_diagnostic_trust")
    assert row["trust_grade"] == ("D" if is_withheld else "B")


@pytest.mark.parametrize(
    ("is_small", "grade", "reason"),
    [(True, "A", "suppressed"), (False, "D", "withheld"), (True, "D", "suppressed"),
     (False, None, "withheld")],
)  # fmt: skip
def test_a_hidden_table_of_reasons_has_no_number(
    world: World, is_small: bool, grade: str | None, reason: str
) -> None:
    (row,) = reasons(world, [("net", 3)], is_small=is_small, grade=grade)
    assert row["no_value_reason"] == reason
    numbers = ("amount", "item_count", "share", "cumulative_share", "unknown_share")
    assert {row[name] for name in numbers} == {None}
