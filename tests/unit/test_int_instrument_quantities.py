"""Which amounts check 12 watches: those that a number is made of or held against."""

from datetime import datetime

import pytest

from tests.unit.mart_world import MONDAY, World

MEASURES = "measure_id varchar, item_kind varchar, item_type varchar, quantity varchar"
EVENTS = (
    "source_id varchar, event_type varchar, occurred_week_start_date date, event_id varchar, "
    "data varchar, classification varchar, is_heartbeat boolean, occurred_at timestamp"
)


@pytest.mark.parametrize("table", ["measures", "measure_filters", "people_limits", None])
def test_amounts_of_sums_filters_and_limits_of_people_are_watched(
    world: World, table: str | None
) -> None:
    summed = {"measure_id": "m", "item_kind": "event", "item_type": "time_entry.logged"}
    limit = {"limit_id": "l", "event_type": "time_entry.logged", "quantity": "minutes"}
    held = {"measure_id": "m", "dimension": "minutes", "operator": ">"}
    world.table(
        "registry.measures", MEASURES,
        [summed | {"quantity": "minutes" if table == "measures" else None}],
    )  # fmt: skip
    world.table(
        "registry.measure_filters", "measure_id varchar, dimension varchar, operator varchar",
        [held] if table == "measure_filters" else [],
    )  # fmt: skip
    world.table(
        "registry.people_limits", "limit_id varchar, event_type varchar, quantity varchar",
        [limit] if table == "people_limits" else [],
    )  # fmt: skip
    events = [
        {
            "source_id": "sheets", "event_type": "time_entry.logged", "event_id": str(number),
            "occurred_week_start_date": MONDAY, "data": f'{{"minutes": {minutes}, "hours": 1}}',
            "classification": "accepted", "is_heartbeat": False,
            "occurred_at": datetime(2024, 1, 2),
        }
        for number, minutes in enumerate([30, 0, -5])
    ]  # fmt: skip
    world.table("intake.int_events_known", EVENTS, events)
    found = {
        (row["property"], row["amount_sign"]): row["event_count"]
        for row in world.run("int_instrument_quantities_counted")
    }
    every = {("minutes", sign): 1 for sign in (1, 0, -1)}
    assert found == (every if table else {})
