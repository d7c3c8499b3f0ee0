"""When an entry of the catalogue counts as computed, run on small tables."""

from datetime import date
from typing import Any

import pytest

from tests.unit.mart_world import World

MONDAY = date(2024, 1, 1)
ENTRY = ("catalogue_id varchar, part varchar, row_type varchar, name varchar, "
         "event_types varchar, event_note varchar, alias_of varchar, "
         "not_computed_reason varchar")  # fmt: skip
TEXT = "product_id varchar, metric_id varchar"


def indicator(entry_id: str, is_computed: bool = True, period_count: int = 20) -> dict[str, Any]:
    return {"entry_id": entry_id, "indicator_id": f"metric_{entry_id}", "problem": "has no value",
            "is_computed": is_computed, "period_count": period_count}  # fmt: skip


def states(
    world: World,
    entries: list[dict[str, Any]],
    indicators: list[dict[str, Any]],
    missing: dict[str, str | None] | None = None,
) -> dict[str, dict[str, Any]]:
    rows = [{"row_type": "metric", "name": "name"} | entry for entry in entries]
    world.table("reference.catalogue", ENTRY, rows)
    columns = ("entry_id varchar, indicator_id varchar, is_computed boolean, "
               "period_count bigint, problem varchar")  # fmt: skip
    world.table("marts.int_catalogue_indicators", columns, indicators)
    events = [{"entry_id": k, "missing_event_types": v} for k, v in (missing or {}).items()]
    columns = "entry_id varchar, missing_event_types varchar"
    world.table("marts.int_catalogue_events", columns, events)
    return {row["entry_id"]: row for row in world.run("dim_catalogue")}


def test_an_entry_with_parts_is_computed_if_all_its_parts_are(world: World) -> None:
    entries = [{"catalogue_id": i, "part": p} for i in ("M1", "M2") for p in (None, "a", "b")]
    found = states(
        world,
        entries,
        [
            indicator("M1a"),
            indicator("M1b", period_count=7),
            indicator("M2a"),
            indicator("M2b", is_computed=False),
        ],
    )
    assert (found["M1"]["status"], found["M1"]["metric_ids"]) == (
        "computed",
        "metric_M1a;metric_M1b",
    )
    assert found["M1"]["period_count"] == 7
    assert (found["M2"]["status"], found["M2"]["period_count"]) == ("not_computed", None)
    assert found["M2"]["reason"] == "metric_M2b has no value"


def test_a_metric_that_reads_other_events_than_the_entry_names_is_not_the_entrys(
    world: World,
) -> None:
    entries = [{"catalogue_id": "M1"}, {"catalogue_id": "M2"}]
    missing = {"M1": "a.begun;b.up|b.down", "M2": None}
    found = states(world, entries, [indicator("M1"), indicator("M2")], missing)
    assert (found["M1"]["status"], found["M1"]["reason"]) == (
        "not_computed",
        "metric_M1 does not read a.begun, b.up or b.down",
    )
    assert found["M2"]["status"] == "computed"


def test_an_alias_is_computed_if_all_its_originals_are(world: World) -> None:
    entries = [{"catalogue_id": "M1"}, {"catalogue_id": "M2"},
               {"catalogue_id": "M3", "alias_of": "M1;M2"},
               {"catalogue_id": "M4", "alias_of": "M1"}]  # fmt: skip
    found = states(world, entries, [indicator("M1"), indicator("M4")])
    assert found["M4"]["status"] == "computed"
    assert found["M4"]["metric_ids"] == "metric_M1;metric_M4"
    assert (found["M3"]["status"], found["M3"]["reason"]) == ("not_computed", "M2 is not computed")


def test_what_no_metric_names_says_why(world: World) -> None:
    entries = [{"catalogue_id": "M1", "not_computed_reason": "A rule."}, {"catalogue_id": "M2"}]
    found = states(world, entries, [])
    assert found["M1"]["reason"] == "A rule."
    assert found["M2"]["reason"] == "No metric of the registry names it."


def indicators(
    world: World,
    in_force: list[str],
    needed: list[str],
    received: list[str],
    value: float | None,
) -> tuple[bool, str]:
    """Return whether the metric `m` is computed, and what else would be told."""
    metric = {"metric_id": "m", "natural_period": "week", "catalogue_ids": "M1; M2"}
    world.table("registry.metrics", ", ".join(f"{c} varchar" for c in metric), [metric])
    world.table("registry.diagnostics", "diagnostic_id varchar, catalogue_ids varchar", [])
    world.table("marts.fct_diagnostics", "diagnostic_id varchar, share double", [])
    pairs = [{"product_id": product, "metric_id": "m"} for product in in_force]
    world.table("metrics.int_product_metrics", TEXT, pairs)
    types = [{"product_id": "p", "metric_id": "m", "event_type": kind, "is_required": True}
             for kind in needed]  # fmt: skip
    columns = f"{TEXT}, event_type varchar, is_required boolean"
    world.table("metrics.int_metric_event_types", columns, types)
    world.table("metrics.int_metric_lineage", columns, [])
    counts = [{"product_id": "p", "event_type": kind, "event_count": 3} for kind in received]
    columns = "product_id varchar, event_type varchar, event_count bigint"
    world.table("metrics.int_source_event_counts", columns, counts)
    columns = (f"{TEXT}, period_grain varchar, period_start_date date, value double, "
               "is_ripe boolean, no_value_reason varchar")  # fmt: skip
    period = {"product_id": "p", "metric_id": "m", "period_grain": "week", "value": value,
              "period_start_date": MONDAY, "is_ripe": True,
              "no_value_reason": "suppressed" if value is None else None}  # fmt: skip
    world.table("marts.fct_metric_values", columns, [period])
    rows = world.run("int_catalogue_indicators")
    assert {row["entry_id"] for row in rows} == {"M1", "M2"}
    return rows[0]["is_computed"], rows[0]["problem"]


def test_a_metric_with_events_and_a_value_is_computed(world: World) -> None:
    assert indicators(world, ["p"], ["a.done"], ["a.done"], 1.0)[0]


@pytest.mark.parametrize(
    ("in_force", "received", "value", "problem"),
    [
        ([], ["a.done", "a.begun"], 1.0, "is computed for no product"),
        (["p"], ["a.done"], 1.0, "never received a.begun"),
        (["p"], ["a.done", "a.begun"], None, "has no value: suppressed"),
    ],
)
def test_a_metric_is_not_computed_without_product_event_or_value(
    world: World, in_force: list[str], received: list[str], value: float | None, problem: str
) -> None:
    told = indicators(world, in_force, ["a.done", "a.begun"], received, value)
    assert told == (False, problem)


def test_events_are_missed_unless_either_of_two_or_any_of_an_entity_arrived(world: World) -> None:
    rows = [
        {"catalogue_id": "M1", "event_types": "a.begun;b.up|c.up"},
        {"catalogue_id": "M2", "event_types": "a.*;*.down"},
        {"catalogue_id": "M3", "event_types": "a.done;d.up|b.down"},
        {"catalogue_id": "M4", "event_types": "a.begun"},
        {"catalogue_id": "M4", "part": "a", "event_types": "c.*"},
        {"catalogue_id": "M5", "event_types": "a.begun", "alias_of": "M1"},
    ]
    world.table("reference.catalogue", ENTRY, rows)
    received = [{"event_type": "a.done"}, {"event_type": "c.up"}, {"event_type": "b.down"}]
    world.table("metrics.int_source_event_counts", "event_type varchar", received)
    named = [{"entry_id": entry, "indicator_id": "m"} for entry in ("M1", "M2", "M3", "M4a")]
    world.table("marts.int_catalogue_indicators", "entry_id varchar, indicator_id varchar", named)
    # b.down arrived, but not in this metric; d.down is read by it, and never arrived
    kinds = [{"metric_id": "m", "event_type": kind} for kind in ("a.done", "c.up", "d.down")]
    world.table("metrics.int_metric_event_types", "metric_id varchar, event_type varchar", kinds)
    world.table("metrics.int_metric_lineage", "metric_id varchar, event_type varchar", [])
    columns = "diagnostic_id varchar, item_kind varchar, item_type varchar"
    world.table("registry.diagnostics", columns, [])
    columns = "task_type_id varchar, start_event_type varchar, finish_event_type varchar"
    world.table("registry.task_types", columns, [])
    missing = {r["entry_id"]: r["missing_event_types"] for r in world.run("int_catalogue_events")}
    # a whole stands on its parts, and another name on its original
    assert missing == {"M1": "a.begun", "M2": "*.down", "M3": "d.up|b.down", "M4a": None}
