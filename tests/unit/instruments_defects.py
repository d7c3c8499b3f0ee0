"""Sources made by hand, each with one defect of its instrument in the last weeks."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.unit.instruments_warehouse import (
    MONDAY,
    WEEKS,
    Records,
    Row,
    event,
    week_of,
)

BROKEN_AT = MONDAY + timedelta(weeks=17)
"""Start of the three weeks in which the broken sources are broken."""
STAMPED = {
    "sent again under new ids": timedelta(seconds=7, milliseconds=120),
    "twice within a second": timedelta(seconds=7),
}
"""How far stamps lie from the full minute, where anything does."""
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
            at = opened_at + timedelta(hours=hours) + STAMPED.get(source_id, timedelta())
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


def opened_by_a_fast_clock(row: dict[str, Any]) -> list[Row]:
    """Return what has two of three openings received before they occurred, a third of all."""
    is_hit = row["event_type"] == "ticket.opened" and int(row["subject_id"].split()[1]) % 3
    return received(timedelta(minutes=-1))(row) if is_hit else [row]


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
    # 14 in 28 of a type and week
    "sent again under new ids": (
        lambda r: [r, {**r, "event_id": r["event_id"] + "b"}] if is_one_in_four(r) else [r],
        {2: 3},
    ),
    # a second look at a page within a second, as some do
    "twice within a second": (
        lambda r: [r, {**r, "event_id": r["event_id"] + "b"}] if is_one_in_four(r) else [r],
        {2: 3},
    ),
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
    "signed in with one account": (
        lambda row: [{**row, "actor_id": "kiosk"}] if not is_one_in_four(row) else [row],
        {15: 3},
    ),
    "numbered events lost": (lambda row: [] if is_one_in_four(row) else [row], {20: 3}),
    "a minute ahead": (received(timedelta(minutes=-1)), {9: 2}),
    "openings a minute ahead": (opened_by_a_fast_clock, {9: 2}),
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
        {12: 3, 11: 2},  # what is set aside isn't counted, and is a sign of life
    ),
    # each ticket loses both of its lines
    "torn lines": (
        lambda row: [
            {**row, "classification": "quarantined", "reason": "invalid_json"}
            if is_one_in_four(row)
            else row
        ],
        {12: 2},
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
                "task_id": f"task {start['event_id']}",
                "start_source_id": start["source_id"],
                "start_event_id": start["event_id"],
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
        events = [{**row, "line_number": line} for line, row in enumerate(events, start=1)]
        result.events += events
        result.tasks += tasks(events)
        result.sources.append(
            {"source_id": source_id, "product_id": source_id, "lateness_hours": 1}
        )
    return result
