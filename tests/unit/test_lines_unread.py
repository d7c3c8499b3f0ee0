"""Lines that can't be read count against the source, and the week, that they most likely are of."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.sql import render_model

EVENTS = (
    "file_id varchar, line_number bigint, event_number integer, source_id varchar, "
    "event_type varchar, occurred_at timestamp, received_at timestamp, "
    "has_receive_clock boolean, classification varchar, reason varchar, reason_detail varchar, "
    "occurred_week_start_date date, counted_week_start_date date"
)
FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


def read(line: int, source_id: str = "desk", day: int = 3, **changes: Any) -> dict[str, Any]:
    """Return an event that was read on a day of March 2026; the second week begins on the 9th."""
    at = datetime(2026, 3, day, 9)
    return {
        "file_id": "f", "line_number": line, "event_number": 1, "source_id": source_id,
        "event_type": "ticket.raised", "occurred_at": at, "received_at": at,
        "has_receive_clock": True, "classification": "accepted", "reason": None,
        "reason_detail": None, "occurred_week_start_date": SECOND if day > 8 else FIRST, **changes,
    }  # fmt: skip


def torn(line: int, reason: str = "invalid_json", **changes: Any) -> dict[str, Any]:
    """Return a line of which the intake made nothing."""
    none = dict.fromkeys(
        ("source_id", "event_type", "occurred_at", "received_at", "occurred_week_start_date")
    )
    lost = {"has_receive_clock": False, "classification": "quarantined", "reason": reason}
    return read(line) | none | lost | changes


def unread(events: list[dict[str, Any]], texts: dict[int, str] | None = None) -> list[tuple]:
    """Return line, source and week of what `int_lines_unread` finds among the events of a file."""
    with duckdb.connect() as connection:
        for schema in ("intake", "raw", "registry"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table registry.run_context as select 'UTC' as reporting_time_zone"
        )
        connection.execute("create table registry.sources (source_id varchar)")
        connection.execute("insert into registry.sources values ('desk'), ('shop')")
        connection.execute(f"create table intake.int_events_classified ({EVENTS})")
        for row in events:
            received = row["received_at"]
            monday = received and received.date() - timedelta(days=received.weekday())
            row |= {"counted_week_start_date": row["occurred_week_start_date"] or monday}
            connection.execute(
                f"insert into intake.int_events_classified ({', '.join(row)}) "
                f"values ({', '.join('?' * len(row))})",
                list(row.values()),
            )
        connection.execute(
            "create table raw.rejected_lines "
            "(file_id varchar, line_number bigint, line_text varchar)"
        )
        for line, text in (texts or {}).items():
            connection.execute("insert into raw.rejected_lines values ('f', ?, ?)", [line, text])
        quarantined = render_model("int_lines_quarantined")
        connection.execute(f"create table intake.int_lines_quarantined as {quarantined}")
        found = render_model("int_lines_unread")
        return connection.execute(
            f"select line_number, source_id, week_start_date from ({found}) order by all"
        ).fetchall()


def test_a_line_without_a_word_is_of_the_readable_line_before_it() -> None:
    events = [read(1), torn(2), torn(3), read(4, "shop", 10), torn(5)]
    assert unread(events) == [(2, "desk", FIRST), (3, "desk", FIRST), (5, "shop", SECOND)]


@pytest.mark.parametrize("distance", [1, 49, 50, 51, 1000])
def test_the_nearest_readable_line_is_found_however_far_off(distance: int) -> None:
    far = 2000 + distance
    assert unread([read(1), read(2000, "shop", 10), torn(far), read(far + 1)]) == [
        (far, "shop", SECOND)
    ]
    assert unread([torn(7), read(7 + distance, "shop", 10), read(8 + distance)]) == [
        (7, "shop", SECOND)
    ]


def test_before_the_first_readable_line_it_is_of_the_one_after() -> None:
    assert unread([torn(1), torn(2), read(3, "shop", 10)]) == [
        (1, "shop", SECOND),
        (2, "shop", SECOND),
    ]


def test_what_is_left_of_its_text_says_more_than_its_neighbour() -> None:
    text = '{"id": "7", "source": "desk","time":"2026-03-10T08:00:00Z", "data": {"a'
    assert unread([read(1, "shop"), torn(2)], {2: text}) == [(2, "desk", SECOND)]


@pytest.mark.parametrize(
    "text", ['{"source":"des', '{"source":"nobody","time":"yesterday"', '{"source":7', ""]
)
def test_a_text_that_breaks_off_or_names_nobody_says_nothing(text: str) -> None:
    assert unread([read(1, "shop"), torn(2)], {2: text}) == [(2, "shop", FIRST)]


@pytest.mark.parametrize("text", ["", '{"source":"nobody","id'])
def test_a_line_that_tells_when_it_came_and_not_from_where_is_of_its_neighbour(text: str) -> None:
    came = {"received_at": datetime(2026, 3, 10, 9), "has_receive_clock": True}
    nameless = torn(2, "missing_attribute", **came)
    assert unread([read(1, "shop"), nameless], {2: text}) == [(2, "shop", SECOND)]


def test_a_file_of_which_no_line_can_be_read_has_no_source() -> None:
    assert unread([torn(1), torn(2)]) == [(1, None, None), (2, None, None)]


def test_a_neighbour_without_source_or_week_is_none() -> None:
    nobody = read(2, "elsewhere", classification="quarantined", reason="unknown_source")
    timeless = torn(3, "unparsable_time", source_id="shop", event_type="a", received_at=None)
    found = unread([read(1), nobody, timeless, torn(4)])
    assert found == [(3, "shop", FIRST), (4, "desk", FIRST)]


def test_blank_lines_and_lines_of_sources_that_nobody_knows_have_lost_nothing() -> None:
    nobody = read(2, "elsewhere", classification="quarantined", reason="unknown_source")
    nameless = torn(3, "missing_attribute", source_id="elsewhere")
    assert unread([read(1), nobody, nameless, torn(4, "blank_line")]) == []


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("missing_attribute", {}),
        ("mistyped_attribute", {}),
        ("unknown_type", {}),
        ("time_in_future", {"occurred_week_start_date": None}),
        # received, as its export has no clock, when its source's series ended
        ("time_in_future", {"occurred_week_start_date": None, "has_receive_clock": False}),
        ("unparsable_time", {"occurred_at": None, "occurred_week_start_date": None}),
    ],
)
def test_what_is_counted_under_its_type_is_not_counted_again(reason: str, changes: Any) -> None:
    counted = read(2, "shop", classification="quarantined", reason=reason) | changes
    assert unread([read(1), counted]) == []


@pytest.mark.parametrize(
    ("reason", "changes", "week"),
    [
        ("missing_attribute", {"event_type": None}, SECOND),
        # by when it came
        ("missing_attribute", {"occurred_at": None, "occurred_week_start_date": None}, SECOND),
        ("invalid_json", {}, SECOND),  # an attribute that was given twice
    ],
)
def test_what_names_its_source_and_no_type_or_week_counts_for_that_source(
    reason: str, changes: Any, week: date
) -> None:
    lost = read(2, "shop", 10, classification="quarantined", reason=reason) | changes
    assert unread([read(1), lost]) == [(2, "shop", week)]
