"""Who is minor in which week is computed twice, for sources that come, go, take over and lose."""

import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from orchestration.defs.judge.contributions import MINOR_SHARE, Shares
from tests.oracles.oracle_grid import WEEK
from tests.oracles.oracle_trust import Trust

MONDAY = date(2025, 1, 6)
COLUMNS = ["product_id", "source_id", "event_type", "week_start_date", "event_count"]
WEEKS, SOURCES = 60, ("a", "b", "c", "d")


def counts_of(rng: random.Random, weeks: int) -> list[int]:
    """Return events by week of a source that changes its level now and then, to nothing as well."""
    level, found = 0, []
    for _ in range(weeks):
        if rng.random() < 0.08:
            level = rng.choice([0, 0, 1, 2, 20, 40])
        found.append(max(0, level + rng.choice([-1, 0, 0, 1])))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_who_is_minor_in_a_week_is_as_the_oracle_says(seed: int) -> None:
    rng = random.Random(seed)
    sent = {
        (source, MONDAY + number * WEEK): count
        for source in SOURCES
        for number, count in enumerate(counts_of(rng, WEEKS))
        if count
    }
    shares = Shares(
        pd.DataFrame(
            [("p", source, "t", week, count) for (source, week), count in sent.items()],
            columns=COLUMNS,
        )
    )
    events = [
        SimpleNamespace(
            product="p", type="t", source=source, occurred_at=datetime(*week.timetuple()[:3])
        )
        for (source, week), count in sent.items()
        for _ in range(count)
    ]
    senders = {("p", "t"): {*SOURCES, "planned"}}
    trust = Trust(
        SimpleNamespace(
            events=events,
            registry={},
            grid=SimpleNamespace(senders=senders),
            calendar=SimpleNamespace(week=lambda at: at.date() - timedelta(at.weekday())),
        ),
        [],
    )
    places = [
        (source, MONDAY + number * WEEK)
        for source in senders["p", "t"]
        for number in range(-2, WEEKS + 30)
    ]
    expected = {place: trust._is_large("p", "t", *place) for place in places}
    assert expected == {place: shares.of("p", "t", *place) >= MINOR_SHARE for place in places}
    assert len(set(expected.values())) == 2
