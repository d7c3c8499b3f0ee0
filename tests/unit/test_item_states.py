"""Whether the subject of an event had an open task at the time, and at its very ends."""

from datetime import datetime, timedelta

import pytest

from tests.unit.mart_world import World

NOON = datetime(2024, 1, 1, 12)
MINUTE = timedelta(minutes=1)


def state(world: World, minutes: int, subject: str | None = "a", **task: str | None) -> str | None:
    """Return the state of an event so many minutes after noon; the task lasts from noon for ten."""
    world.table(
        "registry.measures", "measure_id varchar, item_kind varchar, item_type varchar",
        [{"measure_id": "m", "item_kind": "event", "item_type": "used"}],
    )  # fmt: skip
    world.table(
        "registry.measure_filters", "measure_id varchar, dimension varchar",
        [{"measure_id": "m", "dimension": "open:link"}],
    )  # fmt: skip
    world.table(
        "metrics.int_items",
        "item_kind varchar, item_type varchar, item_id varchar, product_id varchar, "
        "subject_id varchar, occurred_at timestamp",
        [{"item_kind": "event", "item_type": "used", "item_id": "1", "product_id": "p",
          "subject_id": subject, "occurred_at": NOON + minutes * MINUTE}],
    )  # fmt: skip
    ended = {"finished_at": NOON + 10 * MINUTE}
    world.table(
        "core.int_tasks",
        "product_id varchar, task_type_id varchar, subject_id varchar, started_at timestamp, "
        "finished_at timestamp, cancelled_at timestamp",
        [{"product_id": "p", "task_type_id": "link", "subject_id": "a", "started_at": NOON}
         | ended | task],
    )  # fmt: skip
    rows = world.run("int_item_states")
    return rows[0]["value_text"] if rows else None


@pytest.mark.parametrize(
    ("minutes", "value"), [(-1, "false"), (0, "true"), (9, "true"), (10, "false"), (11, "false")]
)
def test_a_task_is_open_from_its_start_and_over_at_its_end(
    world: World,
    minutes: int,
    value: str,
) -> None:
    assert state(world, minutes) == value


def test_a_cancelled_task_is_over_and_one_without_an_end_is_not(world: World) -> None:
    assert state(world, 11, finished_at=None) == "true"
    world.connection.execute("drop schema core cascade")
    for table in ("registry.measures", "registry.measure_filters", "metrics.int_items"):
        world.connection.execute(f"drop table {table}")
    assert state(world, 11, finished_at=None, cancelled_at=NOON + 10 * MINUTE) == "false"


@pytest.mark.parametrize("task", [{"subject_id": "b"}, {"product_id": "q"}, {"task_type_id": "x"}])
def test_tasks_of_others_are_nothing_to_it(world: World, task: dict[str, str]) -> None:
    assert state(world, 5, **task) == "false"


def test_an_event_about_nothing_has_no_state(world: World) -> None:
    assert state(world, 5, subject=None) is None
