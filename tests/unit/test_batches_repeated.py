"""Whether all of a batch came again under new ids, or only something in it was said twice."""

from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.defs.judge.instrument_pvalues import SURE, excess_p
from tests.sql import render_model
from tests.unit.instruments_warehouse import EVENT_COLUMNS

MONDAY = datetime(2026, 3, 2)
AT = MONDAY + timedelta(hours=9, seconds=7.12)
TOLERATED = 0.005


def said(copies: list[int], at: datetime = AT, **more: Any) -> list[dict[str, Any]]:
    """Return actions of one instant, each said so many times."""
    return [
        {"subject_id": f"s{number}", "occurred_at": at, **more}
        for number, times in enumerate(copies)
        for _ in range(times)
    ]


def found(*batches: list[dict[str, Any]], repeated: int = 1) -> list[tuple]:
    """Return aspect, batches, those that came again wholly, and their events."""
    rows = [
        {"event_id": f"e{number}", "source_id": "s", "event_type": "t", "actor_id": "a",
         "classification": "accepted", "occurred_week_start_date": MONDAY.date(), **row}
        for number, row in enumerate(row for batch in batches for row in batch)
    ]  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute("create schema intake; create schema instruments")
        typed = ", ".join(f"{name} {kind}" for name, kind in EVENT_COLUMNS.items())
        connection.execute(f"create table intake.int_events_known ({typed})")
        frame = pd.DataFrame(rows)  # noqa: F841 - read by the query
        connection.execute("insert into intake.int_events_known by name from frame")
        connection.execute(
            "create table instruments.int_instrument_events_repeated as select 's' as source_id, "
            "'t' as event_type, date '2026-03-02' as week_start_date, aspect, ? as instant_count "
            "from (values ('new ids'), ('new ids to the second')) as _(aspect)", [repeated]
        )  # fmt: skip
        query = f"from ({render_model('int_instrument_batches_repeated')}) order by all"
        return [row[3:] for row in connection.execute(query).fetchall()]


@pytest.mark.parametrize(
    "copies, whole, copied",
    [
        ([2] * 5, 1, 5),
        ([2, 2, 4, 2, 2, 2], 1, 7),
        ([3] * 5, 1, 10),
        ([3, 6, 3, 3, 3], 1, 12),
        ([2, 2, 2, 2, 1], 0, 0),
        ([2, 2, 2, 2, 3], 0, 0),
        ([1] * 5, 0, 0),
    ],
)
def test_all_of_a_batch_comes_again_as_often(copies: list[int], whole: int, copied: int) -> None:
    once = said([1] * 9, AT + timedelta(hours=1))
    assert found(said(copies), once) == [("new ids", 2, whole, copied)]


def test_a_batch_has_five_actions() -> None:
    assert found(said([2] * 4)) == []
    assert found(said([40] * 4)) == []


def test_a_week_without_a_repetition_is_not_looked_at() -> None:
    assert found(said([2] * 5), repeated=0) == []


def test_stamps_are_told_apart_as_by_the_check() -> None:
    to_the_second, to_the_minute = MONDAY + timedelta(seconds=7), MONDAY + timedelta(minutes=7)
    batches = said([2] * 5), said([2] * 6, to_the_second), said([2] * 7, to_the_minute)
    nobodys = said([2] * 8, to_the_second + timedelta(seconds=1), actor_id=None)
    assert found(*batches, nobodys) == [("new ids", 1, 1, 5), ("new ids to the second", 1, 1, 6)]


@pytest.mark.parametrize("data", ["correlation_id", "idempotency_key", "data", "product_id"])
def test_what_says_something_else_came_once(data: str) -> None:
    twice = said([1] * 5) + said([1] * 5, **{data: "other"})
    assert found(twice) == [("new ids", 1, 0, 0)]


@pytest.mark.parametrize("batch_count", [1, 2, 5, 20, 200])
@pytest.mark.parametrize("share", [0.0005, TOLERATED])
def test_batches_that_come_again_by_accident_fail_no_week_in_a_thousand(
    batch_count: int, share: float
) -> None:
    # this week's and, where one came again then, the week's before, as the check pools them
    rng = np.random.default_rng(20261122)
    whole = rng.binomial(batch_count, share, size=400_000)
    before = np.concatenate([[0], whole[:-1]])
    p_value = excess_p(batch_count * (1 + (before > 0)), whole + before, TOLERATED)
    assert np.mean((whole > 0) & (p_value < SURE)) < SURE
