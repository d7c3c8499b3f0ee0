"""A source's silence is judged against its own rate, up to the end of its observation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.unit.instruments_warehouse import (
    AS_OF,
    MONDAY,
    Records,
    daily,
    event,
    run_instruments,
    write,
)

ENDED = MONDAY + timedelta(weeks=10)


def every(source_id: str, days: float, until: datetime, **changes: object) -> list:
    """Return one event each `days` days from the first Monday until `until`."""
    count = int((until - MONDAY) / timedelta(days=days))
    at = [MONDAY + timedelta(days=days * (i + 0.5)) for i in range(count)]
    return [event(source_id, i, instant, **changes) for i, instant in enumerate(at)]


def records() -> Records:
    sources = {
        "busy": daily("busy", 11),
        "slow": every("slow", 2, AS_OF),
        "weekdays": [e for e in daily("weekdays", 7) if e["occurred_at"].weekday() < 5],
        "dead": daily("dead", 11, range(17)),
        "kept alive": [
            *daily("kept alive", 1, range(10)),
            *daily("kept alive", 1, range(10, 20), is_heartbeat=True, event_type="tool.beat"),
        ],
        "renamed": [
            *daily("renamed", 11, range(17)),
            *daily(
                "renamed",
                11,
                range(17, 20),
                classification="quarantined",
                reason="unknown_type",
                event_type="page.seen",
            ),
        ],
        "ended": daily("ended", 11, range(10)),
        "backfilled": [
            *daily("backfilled", 4, range(15), received_at=MONDAY + timedelta(weeks=15)),
            *daily("backfilled", 4, range(15, 20)),
        ],
        "sent twice": [
            *every("sent twice", 2, AS_OF),
            *every("sent twice", 2, AS_OF, classification="duplicate", reason="same_id"),
        ],
        "all by another": every("all by another", 2, AS_OF, classification="duplicate"),
        "never seen": [],
    }
    return Records(
        events=[e for events in sources.values() for e in events],
        sources=[
            {"source_id": s, "product_id": "p", "observed_until": ENDED if s == "ended" else None}
            for s in sources
        ],
    )


@pytest.fixture(scope="module")
def marks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict]]:
    """Return the watermark row of each source by its id."""
    folder: Path = tmp_path_factory.mktemp("watermarks")
    database = folder / "w.duckdb"
    write(records(), database)
    with pytest.MonkeyPatch.context() as patch:
        run_instruments(database, folder, patch)
    with duckdb.connect(str(database), read_only=True) as connection:
        frame = connection.execute("from instruments.int_source_watermarks").df()
    yield {row["source_id"]: row for row in frame.to_dict("records")}


@pytest.mark.parametrize(
    ("source_id", "days"),
    [
        pytest.param("busy", 1, id="11 a day"),
        pytest.param("slow", 14, id="0.5 a day"),
        pytest.param("sent twice", 14, id="redelivery makes nothing more likely to be heard of"),
        pytest.param("all by another", 14, id="of one whose events all came by another, its signs"),
        pytest.param("weekdays", 3, id="7 a day, none at weekends: a weekend is no silence"),
    ],
)
def test_silence_horizon_follows_the_rate(marks: dict, source_id: str, days: int) -> None:
    assert marks[source_id]["silence_horizon_days"] == days


# of one that renamed all it sends, what is set aside is a sign of life
@pytest.mark.parametrize(
    "source_id", ["busy", "slow", "weekdays", "kept alive", "backfilled", "renamed"]
)
def test_source_within_its_horizon_counts_as_of(marks: dict, source_id: str) -> None:
    assert marks[source_id]["watermark_at"] == AS_OF


def test_watermark_of_a_dead_source_stays_at_its_last_delivery(marks: dict) -> None:
    assert marks["dead"]["watermark_at"] == marks["dead"]["latest_received_at"]
    assert marks["dead"]["watermark_at"] < MONDAY + timedelta(weeks=17)


def test_series_that_ended_is_judged_at_its_end(marks: dict) -> None:
    assert marks["ended"]["watermark_at"] == ENDED == marks["ended"]["observed_until_at"]


def test_backfill_does_not_count_as_lateness(marks: dict) -> None:
    assert marks["backfilled"]["lateness_hours"] == pytest.approx(2 / 3600)


def test_source_without_events_has_no_watermark(marks: dict) -> None:
    row = marks["never seen"]
    assert str(row["watermark_at"]) == "NaT" and row["observed_until_at"] == AS_OF
