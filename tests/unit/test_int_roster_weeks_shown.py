"""Which weeks of a roster go out, run on small tables."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sql import render_model
from tests.unit.mart_world import MONDAY, World

ROSTERS = (
    "product_id varchar, metric_id varchar, week_start_date date, person_key varchar, sides varchar"
)


def rosters_shown(
    world: World,
    rosters: list[str],
    published: dict[int, str] | None = None,
    failed: dict[int, str] | None = None,
) -> list[int]:
    """Return the numbers of the weeks that are shown; a roster is a text of one-letter people."""

    def rows(weeks: dict[int, str], run: str = "now") -> list[dict[str, Any]]:
        return [
            {"product_id": "hr", "metric_id": "open", "person_key": person.lower(),
             "week_start_date": MONDAY + timedelta(weeks=number),
             "sides": "both" if person.isupper() else "denominator", "metric_version": 1,
             "run_id": run}
            for number, people in weeks.items() for person in people
        ]  # fmt: skip

    world.table("metrics.int_rosters", ROSTERS, rows(dict(enumerate(rosters))))
    metric = {"metric_id": "open", "metric_version": 1, "least_people": 5}
    world.table("registry.metrics", "metric_id varchar, metric_version integer", [metric])
    run = "run_id varchar, as_of_at timestamp"
    world.table("registry.run_context", run, [{"run_id": "now"}])
    world.table("state.publications", run, [{"run_id": "before"}])
    world.table(
        "metrics.int_metric_least_people", "metric_id varchar, least_people integer", [metric]
    )
    known = f"{ROSTERS}, metric_version integer, run_id varchar"
    world.table(
        "metrics.int_published_rosters",
        known,
        rows(published or {}, "before") + rows(failed or {}, "failed"),
    )
    walked = render_model("int_published_rosters", is_incremental=published is not None)
    world.connection.execute(f"create table walked as {walked}")
    names = ", ".join(column.split()[0] for column in known.split(", "))
    world.connection.execute(
        f"insert into metrics.int_published_rosters by name select {names} from walked"
    )
    shown = world.run("int_roster_weeks_shown")
    return sorted((row["week_start_date"] - MONDAY).days // 7 for row in shown)


@pytest.mark.parametrize(
    ("rosters", "shown"),
    [
        # the worked case: 7 people, then one more, then five more than at first
        (["abcdefg", "abcdefgh", "abcdefghijkl"], [0, 2]),
        (["abcdefg", "abcdefg"], [0, 1]),
        (["abcd", "abcde"], [1]),
        (["abcdefg", "abcdefh", "abcdefg"], [0, 2]),
        (["abcdefg", "Abcdefg"], [0]),
        (["abcdefg", "ABCDEfg"], [0, 1]),
    ],
)
def test_a_roster_goes_out_if_nobody_or_enough_people_changed(
    world: World, rosters: list[str], shown: list[int]
) -> None:
    assert rosters_shown(world, rosters) == shown


def test_a_roster_that_changed_after_it_was_published_is_hidden(world: World) -> None:
    assert rosters_shown(world, ["abcdefgz", "abcdefgh"], {0: "abcdefg"}) == []
    assert rosters_shown(World(), ["abcdefg", "abcdefghijkl"], {0: "abcdefg"}) == [0, 1]


def test_a_roster_of_a_run_that_failed_was_seen_by_nobody(world: World) -> None:
    second = {1: "abcdefgh"}
    assert rosters_shown(world, ["abcdefg", "abcdefgh"], {0: "abcdefg"}, failed=second) == [0]
