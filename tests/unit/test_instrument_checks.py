"""Each defect of an instrument fires its own check, and a sound instrument fires none."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from orchestration.defs.judge.guard import judge_instruments
from tests.unit.instruments_warehouse import (
    MONDAY,
    ROOT,
    WEEKS,
    Records,
    Row,
    event,
    run_instruments,
    week_of,
    write,
)

BROKEN_AT = MONDAY + timedelta(weeks=17)
"""Start of the three weeks in which the broken sources are broken."""
Defect = Callable[[dict[str, Any]], list[Row]]


def tickets(source_id: str) -> list[dict[str, Any]]:
    """Return two tickets a day, each closed two hours after it was opened."""
    rows = []
    for number in range(WEEKS * 14):
        # on any minute of the hour, as people do
        opened_at = MONDAY + timedelta(hours=12 * number + 3, minutes=37 * number % 60)
        common = {
            "subject_id": f"ticket {number}",
            "data": f'{{"team": "red", "seconds": {40 + number % 30}}}',
        }
        for order, (activity, hours) in enumerate((("opened", 0), ("closed", 2))):
            at = opened_at + timedelta(hours=hours)
            position = 2 * number + order
            if source_id == "numbered events lost":
                common["sequence"] = str(1000 + position)
            rows.append(event(source_id, position, at, event_type=f"ticket.{activity}", **common))
    return rows


def is_one_in_four(row: Row) -> bool:
    return int(row["subject_id"].split()[1]) % 4 == 0


def copied(reason: str) -> Defect:
    return lambda row: [row, {**row, "classification": "duplicate", "reason": reason}]


def changed(**changes: Any) -> Defect:
    return lambda row: [{**row, **changes}]


def received(after: timedelta) -> Defect:
    return lambda row: [{**row, "received_at": row["occurred_at"] + after}]


def with_seconds(written: str) -> Defect:
    """Return what writes the seconds of one in four in another way."""

    def rewritten(row: dict[str, Any]) -> list[Row]:
        if not is_one_in_four(row):
            return [row]
        data = json.loads(row["data"])
        return [{**row, "data": f'{{"team": "red", "seconds": {written.format(data["seconds"])}}}'}]

    return rewritten


def without_one_opening_in_four(row: dict[str, Any]) -> list[Row]:
    return [] if row["event_type"] == "ticket.opened" and is_one_in_four(row) else [row]


def closed_before_it_was_opened(row: dict[str, Any]) -> list[Row]:
    if row["event_type"] == "ticket.opened" or not is_one_in_four(row):
        return [row]
    early = timedelta(hours=3)
    at, received_at = row["occurred_at"] - early, row["received_at"] - early
    return [{**row, "occurred_at": at, "received_at": received_at}]


def renamed(row: dict[str, Any]) -> list[Row]:
    other = {"event_id": row["event_id"] + "x", "event_type": "ticket.escalated"}
    return [row, {**row, **other, "classification": "quarantined", "reason": "unknown_type"}]


def closed_when_opened(row: dict[str, Any]) -> list[Row]:
    if row["event_type"] == "ticket.opened":
        return [row]
    early = timedelta(hours=2)
    at, received_at = row["occurred_at"] - early, row["received_at"] - early
    return [{**row, "occurred_at": at, "received_at": received_at}]


def closed_on_the_hour(row: dict[str, Any]) -> list[Row]:
    if row["event_type"] == "ticket.opened":
        return [row]
    return [{**row, "occurred_at": row["occurred_at"].replace(minute=0)}]


def watched_by_a_robot(row: dict[str, Any]) -> list[Row]:
    """Return the row, and for each opening a look at the page every quarter of an hour."""
    if row["event_type"] == "ticket.closed":
        return [row]
    half_day = row["occurred_at"].replace(hour=row["occurred_at"].hour // 12 * 12, minute=0)
    looks = [
        {
            **row,
            "event_id": f"{row['event_id']}-{number}",
            "actor_id": "robot",
            "occurred_at": half_day + timedelta(minutes=15 * number),
            "received_at": half_day + timedelta(minutes=15 * number, seconds=2),
        }
        for number in range(48)
    ]
    return [row, *({**look, "event_type": "ticket.viewed"} for look in looks)]


DEFECTS: dict[str, tuple[Defect, dict[int, int]]] = {
    # what happens to the events of the broken weeks, and the severity of each check that fires
    "sound": (lambda row: [row], {}),
    "redelivered": (copied("same_id"), {1: 3}),
    "every event doubled by a deploy": (
        lambda r: [r, {**r, "event_id": r["event_id"] + "b"}],
        {11: 1},
    ),
    "on two ingress paths": (copied("same_business_key"), {2: 3}),
    "ids used again": (copied("same_id_other_payload"), {3: 3}),
    # the first step of a funnel as well
    "openings not sent": (without_one_opening_in_four, {4: 3, 13: 2}),
    "closings not sent": (
        lambda r: [] if r["event_type"] == "ticket.closed" else [r],
        {5: 3, 11: 2},
    ),
    # a task that ends before it starts has no finish either
    "closed before opened": (closed_before_it_was_opened, {5: 2, 6: 3}),
    "closed when opened": (closed_when_opened, {7: 3}),
    "closed on the hour": (closed_on_the_hour, {8: 2}),
    "watched by a robot": (watched_by_a_robot, {15: 2}),
    # a declared bot is taken for a person nowhere, as a declared service isn't
    "watched by a declared bot": (
        lambda row: [
            {**look, "actor_kind": "bot"} if look["actor_id"] == "robot" else look
            for look in watched_by_a_robot(row)
        ],
        {},
    ),
    "used by a tester": (
        lambda row: [{**row, "actor_id": "tester"}] if is_one_in_four(row) else [row],
        {15: 2},
    ),
    "numbered events lost": (lambda row: [] if is_one_in_four(row) else [row], {20: 3}),
    "a minute ahead": (received(timedelta(minutes=-1)), {9: 2}),
    "three hours ahead": (received(timedelta(hours=-3)), {9: 3}),
    "five hours late": (received(timedelta(hours=5)), {10: 2}),
    "silent": (lambda row: [], {11: 3}),
    "without required property": (changed(data="{}"), {12: 3}),
    # one in four is enough to move the sum, and no median
    "seconds as texts": (with_seconds('"{} s"'), {12: 2}),
    "seconds as milliseconds": (with_seconds("{}000"), {12: 2}),
    "with a new property": (changed(data='{"team": "red", "shift": "late"}'), {12: 1}),
    "mistyped": (
        changed(classification="quarantined", reason="mistyped_attribute"),
        {12: 3, 11: 3},  # what is quarantined is no sign of life
    ),
    "without actors": (changed(actor_id=None), {16: 3}),
    "renamed type": (renamed, {18: 1}),
}


def tasks(events: list[Row]) -> list[Row]:
    """Return the tasks that core makes of the accepted events."""
    closings = {r["subject_id"]: r for r in events if r["event_type"] == "ticket.closed"}
    rows = []
    for start in events:
        if start["event_type"] != "ticket.opened" or start["classification"] != "accepted":
            continue
        end = closings.get(start["subject_id"])
        ends = end is not None and end["occurred_at"] >= start["occurred_at"]
        rows.append(
            {
                "product_id": start["product_id"],
                "task_type_id": "ticket",
                "task_id": start["event_id"],
                "start_source_id": start["source_id"],
                "finish_source_id": start["source_id"] if ends else None,
                "started_at": start["occurred_at"],
                "finished_at": end["occurred_at"] if ends else None,
                "reopen_count": 0,
                "week_start_date": week_of(start["occurred_at"]),
            }
        )
    return rows


def records() -> Records:
    result = Records(
        task_types=[
            {
                "task_type_id": "ticket",
                "start_event_type": "ticket.opened",
                "finish_event_type": "ticket.closed",
                "match_key": "subject",
            }
        ],
        metrics=[{"metric_id": "time_to_close", "task_type_id": "ticket", "tau_hours": 24}],
        measures=[
            {"item_kind": "event", "item_type": "ticket.opened", "aggregate": "distinct_people"},
            {
                "item_kind": "event",
                "item_type": "ticket.closed",
                "aggregate": "sum",
                "quantity": "seconds",
            },
        ],
        tracking_plan=[
            {"source_id": "*", "event_type": "ticket.opened", "required_properties": "team"}
        ],
    )
    result.excluded_accounts.append({"actor_id": "tester", "reason": "tests"})
    for number, activity in enumerate(("opened", "closed"), start=1):
        result.funnels.append(
            {
                "funnel_id": "closing",
                "product_id": "openings not sent",
                "step_number": number,
                "event_type": f"ticket.{activity}",
                "window_hours": 24,
                "match_key": "subject",
            }
        )
    for source_id, (defect, _) in DEFECTS.items():
        sound = tickets(source_id)
        events = [r for r in sound if r["occurred_at"] < BROKEN_AT]
        for row in sound:
            events += defect(row) if row["occurred_at"] >= BROKEN_AT else []
        result.events += events
        result.tasks += tasks(events)
        result.sources.append(
            {"source_id": source_id, "product_id": source_id, "lateness_hours": 1}
        )
    return result


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pd.DataFrame]:
    """Return `guard.instrument_checks` over one source for each defect."""
    folder: Path = tmp_path_factory.mktemp("checks")
    database = folder / "w.duckdb"
    write(records(), database)
    with duckdb.connect(str(database)) as connection:
        thresholds = ROOT / "seeds" / "defaults" / "check_thresholds.csv"
        connection.execute(
            f"create table registry.check_thresholds as from read_csv('{thresholds}', types="
            "{'warn': 'double', 'fail': 'double', 'block': 'double', 'sure_p': 'double', "
            "'least_effect': 'double'})"
        )
    with pytest.MonkeyPatch.context() as patch:
        run_instruments(database, folder, patch)
    judge_instruments(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection.execute("from guard.instrument_checks").df()


@pytest.mark.parametrize("source_id", DEFECTS)
def test_defect_fires_only_its_own_checks(checks: pd.DataFrame, source_id: str) -> None:
    fired = checks[(checks.source_id == source_id) & (checks.severity > 0)]
    assert fired.groupby("check_id").severity.max().to_dict() == DEFECTS[source_id][1]


@pytest.mark.parametrize("source_id", DEFECTS)
def test_no_check_fires_before_the_source_broke(checks: pd.DataFrame, source_id: str) -> None:
    before = checks[(checks.source_id == source_id) & (checks.week_start_date < BROKEN_AT)]
    # what was opened on the last evening before closes in the first broken week
    assert before[before.severity > 1].empty


def test_source_type_week_and_check_name_one_row(checks: pd.DataFrame) -> None:
    grain = ["source_id", "event_type", "week_start_date", "check_id"]
    assert not checks.duplicated(grain).any()


def test_every_check_runs_on_the_sound_source(checks: pd.DataFrame) -> None:
    run = checks[checks.source_id == "sound"]
    assert set(run.check_id) == {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 18}


def test_weeks_whose_finishes_are_not_due_yet_are_not_counted(checks: pd.DataFrame) -> None:
    missing = checks[(checks.source_id == "closings not sent") & (checks.check_id == 5)]
    assert missing.week_start_date.max() == pd.Timestamp(MONDAY + timedelta(weeks=18))


def test_silent_source_is_checked_in_the_weeks_in_which_it_is_silent(checks: pd.DataFrame) -> None:
    silent = checks[(checks.source_id == "silent") & (checks.check_id == 11)]
    silent = silent[silent.event_type == "*"]
    # three whole weeks and the one that as-of has just begun
    assert list(silent.sort_values("week_start_date").severity) == [0] * 17 + [3] * 4


def test_finding_names_events_as_evidence(checks: pd.DataFrame) -> None:
    found = checks[(checks.source_id == "redelivered") & (checks.severity == 3)]
    assert found.evidence.str.contains('"redelivered-').all()
