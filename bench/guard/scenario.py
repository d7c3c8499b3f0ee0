"""Clean scenarios: one product with five sources, about 11,000 events in 60 weeks.

An internal service desk as it might be anywhere: people put requests to a desk, another tool
closes them, a portal sees who uses it and who orders, a quiet source counts incidents and sends
heartbeats, a loader takes in files of very different size. Office hours, weekdays, holidays,
growth, a season, weeks that are busier than others, a few late, redelivered, lost and reordered
events: what happens everywhere and is no defect.
"""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from bench.guard.events import BEGIN, DAY, END, FIRST_MONDAY, HOUR, MINUTE, WEEK, WEEKS
from bench.guard.imports import imports, season

HOLIDAYS = (
    date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29), date(2025, 6, 9),
    date(2025, 10, 3), date(2025, 12, 24), date(2025, 12, 25), date(2025, 12, 26),
    date(2025, 12, 31), date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1),
)  # fmt: skip
WEEKDAYS = np.array([1.1, 1.05, 1.0, 1.0, 0.85, 0.06, 0.04]) / 5.1
SOURCES = ("desk", "flow", "portal", "watch", "loader")
SEGMENTS = ("north", "south", "west")
SEGMENT_SHARES = (0.5, 0.3, 0.2)
PEOPLE = 34

REQUESTS, ACTIVITY, ORDERS, TICKETS, INCIDENTS = 30.0, 38.0, 20.0, 17.0, 2.5
IMPORTS = 16.0
"""Mean events a week in the middle of the series."""
LATE_SHARE, REDELIVERED_SHARE, LOST_START_SHARE, LOST_FINISH_SHARE = 0.004, 0.001, 0.002, 0.004


def clean(product_id: str, seed: int) -> pd.DataFrame:
    """Return the events of a clean scenario.

    The draws depend on the seed alone: scenarios of one seed differ by the names of product and
    sources, and by their defect.
    """
    frame = _drawn(seed).copy()
    frame["source"] = product_id + "-" + frame["source"]
    return frame


@lru_cache(maxsize=1)
def _drawn(seed: int) -> pd.DataFrame:
    """Return the events without a product; all defects of one seed begin with the same."""
    rng = np.random.default_rng(seed)
    people = _people(rng)
    rates = _daily_rates(rng)
    parts = [
        *_requests(rng, rates, people),
        _activity(rng, rates, people),
        *_orders(rng, rates, people),
        _tickets(rng, rates, people),
        *_quiet(rng, rates, people),
    ]
    parts[-3] = _with_minutes(parts[-3], seed)
    loaded = _instants(np.random.default_rng([seed, 48]), rates * season(seed, len(rates)), IMPORTS)
    parts.append(imports(seed, loaded, (loaded - BEGIN) // WEEK, people))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame.time < END].sort_values(["time", "type"], kind="stable", ignore_index=True)
    frame = _enveloped(frame, rng)
    return _with_noise(frame, rng)


def _people(rng: np.random.Generator) -> pd.DataFrame:
    """Return people with their hashed key, segment and how busy they are."""
    keys = rng.integers(16**12, size=PEOPLE)
    weight = rng.gamma(3.0, 1 / 3.0, PEOPLE)
    return pd.DataFrame(
        {
            "actorid": [f"{key:012x}" for key in keys],
            "segmentid": rng.choice(SEGMENTS, PEOPLE, p=SEGMENT_SHARES),
            "weight": weight / weight.sum(),
        }
    )


def _daily_rates(rng: np.random.Generator) -> np.ndarray:
    """Return each day's share of a mean week, growth, season, holidays and noise included."""
    days = np.arange(WEEKS * 7)
    growth = 1 + rng.uniform(-0.1, 0.3) * (days / len(days) - 0.5)
    season = 1 + 0.08 * np.sin(2 * np.pi * (days / 365.25 + rng.random()))
    weeks = np.repeat(rng.gamma(150, 1 / 150, WEEKS), 7)
    noise = rng.gamma(80, 1 / 80, len(days))
    dates = [FIRST_MONDAY.date() + timedelta(days=int(day)) for day in days]
    open_share = np.array([0.04 if day in HOLIDAYS else 1.0 for day in dates])
    return np.tile(WEEKDAYS, WEEKS) * growth * season * weeks * noise * open_share


def _instants(rng: np.random.Generator, rates: np.ndarray, weekly: float) -> np.ndarray:
    """Return occurrences (ms) at `weekly` events in a mean week, most within office hours."""
    counts = rng.poisson(rates * weekly)
    days = np.repeat(np.arange(len(rates)), counts)
    hours = 7.0 + 11.0 * rng.beta(1.6, 1.8, len(days))
    return np.sort(BEGIN + days * DAY + (hours * HOUR).astype("int64"))


def _by_people(
    rng: np.random.Generator, people: pd.DataFrame, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return actors and their segments, busy people more often."""
    chosen = rng.choice(len(people), count, p=people.weight.to_numpy())
    actors, segments = people.actorid.to_numpy(object), people.segmentid.to_numpy(object)
    return actors[chosen], segments[chosen]


def _subjects(prefix: str, count: int) -> np.ndarray:
    return np.array([f"{prefix}{number:05d}" for number in range(count)], dtype=object)


def _words(values: np.ndarray) -> np.ndarray:
    """Return JSON texts."""
    return np.array([f'"{value}"' for value in values], dtype=object)


def _numbers(values: np.ndarray) -> np.ndarray:
    """Return JSON numbers with one decimal."""
    return np.array([f"{value:.1f}" for value in values], dtype=object)


def _requests(
    rng: np.random.Generator, rates: np.ndarray, people: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return requests opened at the desk and closed by the flow tool, some withdrawn."""
    opened = _instants(rng, rates, REQUESTS)
    count = len(opened)
    actors, segments = _by_people(rng, people, count)
    base = pd.DataFrame(
        {"subject": _subjects("r", count), "actorid": actors, "segmentid": segments, "time": opened}
    )
    hours = np.exp(rng.normal(np.log(9.0), 0.85, count))
    agents = np.array([f"agent{number}" for number in range(6)], dtype=object)
    minutes = np.exp(rng.normal(np.log(26.0), 0.6, count))
    fixing = np.where(rng.random(count) < 0.35, minutes * rng.beta(2, 2, count), 0.0)
    states = np.where(rng.random(count) < 0.86, "resolved", "returned")
    is_withdrawn = rng.random(count) < 0.03
    lost_start, lost_finish = rng.random(count), rng.random(count)
    starts = base.assign(
        **{
            "source": "desk",
            "type": "request.opened",
            "data.channel": _words(rng.choice(["form", "mail", "phone"], count, p=[0.6, 0.3, 0.1])),
            "data.urgency": _words(rng.choice(["low", "high"], count, p=[0.8, 0.2])),
        }
    )
    finishes = base.assign(
        **{
            "source": "flow",
            "type": "request.closed",
            "time": opened + (hours * HOUR).astype("int64"),
            "actorid": agents[rng.integers(6, size=count)],
            "data.state": _words(states),
            "data.effort_minutes": _numbers(minutes),
            "data.fixing_minutes": _numbers(fixing),
        }
    )
    withdrawals = base.assign(
        source="desk", type="request.withdrawn", time=opened + (hours * HOUR / 2).astype("int64")
    )
    is_ended = ~is_withdrawn & (lost_finish >= LOST_FINISH_SHARE) & (rng.random(count) >= 0.02)
    return [starts[lost_start >= LOST_START_SHARE], finishes[is_ended], withdrawals[is_withdrawn]]


def _activity(rng: np.random.Generator, rates: np.ndarray, people: pd.DataFrame) -> pd.DataFrame:
    """Return who used the portal."""
    times = _instants(rng, rates, ACTIVITY)
    actors, segments = _by_people(rng, people, len(times))
    return pd.DataFrame(
        {
            "source": "portal", "type": "user.active", "subject": actors, "actorid": actors,
            "segmentid": segments, "time": times,
        }
    )  # fmt: skip


def _orders(
    rng: np.random.Generator, rates: np.ndarray, people: pd.DataFrame
) -> list[pd.DataFrame]:
    """Return the three steps of an order; a few steps come without the one before."""
    begun = _instants(rng, rates, ORDERS)
    count = len(begun)
    actors, segments = _by_people(rng, people, count)
    base = pd.DataFrame(
        {
            "source": "portal", "subject": _subjects("o", count), "actorid": actors,
            "segmentid": segments,
        }
    )  # fmt: skip
    filled = begun + (rng.gamma(2.0, 2.0, count) * MINUTE).astype("int64") + 1000
    sent = filled + (rng.gamma(2.0, 1.0, count) * MINUTE).astype("int64") + 1000
    is_filled = rng.random(count) < 0.8
    is_sent = is_filled & (rng.random(count) < 0.85)
    is_begun = rng.random(count) >= 0.003
    return [
        base.assign(type="order.begun", time=begun)[is_begun],
        base.assign(type="order.filled", time=filled)[is_filled],
        base.assign(type="order.sent", time=sent)[is_sent],
    ]


def _tickets(rng: np.random.Generator, rates: np.ndarray, people: pd.DataFrame) -> pd.DataFrame:
    """Return tickets with the seconds that people waited for an answer."""
    times = _instants(rng, rates, TICKETS)
    actors, segments = _by_people(rng, people, len(times))
    return pd.DataFrame(
        {
            "source": "desk", "type": "ticket.raised", "subject": _subjects("t", len(times)),
            "actorid": actors, "segmentid": segments, "time": times,
            "data.wait_seconds": _numbers(np.exp(rng.normal(np.log(300.0), 0.7, len(times)))),
        }
    )  # fmt: skip


def _quiet(rng: np.random.Generator, rates: np.ndarray, people: pd.DataFrame) -> list[pd.DataFrame]:
    """Return a quiet source: incidents, a weekly roster, a daily heartbeat."""
    times = _instants(rng, rates, INCIDENTS)
    incidents = pd.DataFrame(
        {"type": "incident.opened", "subject": _subjects("i", len(times)), "time": times}
    )
    mondays = BEGIN + np.arange(WEEKS) * 7 * DAY + 5 * HOUR
    eligible = len(people) + 6 + (np.arange(WEEKS) // 20) * rng.integers(0, 3)
    rosters = pd.DataFrame(
        {
            "type": "roster.published", "subject": "roster", "time": mondays,
            "data.eligible_people": eligible.astype(str).astype(object),
        }
    )  # fmt: skip
    days = BEGIN + np.arange(WEEKS * 7) * DAY + 4 * HOUR
    beats = pd.DataFrame(
        {"type": "watch.alive", "subject": "watch", "time": days, "heartbeat": True}
    )
    return [part.assign(source="watch") for part in (incidents, rosters, beats)]


def _with_minutes(incidents: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return incidents with the minutes that each lasted, from draws of their own."""
    rng = np.random.default_rng([seed, 45])
    minutes = np.exp(rng.normal(np.log(45.0), 0.6, len(incidents)))
    return incidents.assign(**{"data.outage_minutes": _numbers(minutes)})


def _enveloped(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add ids, sequence numbers, paths and the time of receipt."""
    frame["heartbeat"] = frame["heartbeat"].eq(True)
    numbers = frame.groupby("source", sort=False).cumcount() + 1
    frame["sequence"] = numbers.map("{:08d}".format).astype(object)
    frame["id"] = (frame["source"].str[0] + frame["sequence"]).astype(object)
    is_person = frame["actorid"].notna()
    frame["actorkind"] = np.where(is_person, "human", "service").astype(object)
    paths = np.where(rng.random(len(frame)) < 0.8, "web", "api")
    frame["ingresspath"] = np.where(is_person, paths, "api").astype(object)
    # whole seconds, as most tools stamp
    frame["time"] = frame["time"] // 1000 * 1000
    lags = np.exp(rng.normal(np.log(20_000), 0.8, len(frame)))
    is_late = rng.random(len(frame)) < LATE_SHARE
    lags = np.where(is_late, rng.uniform(HOUR, 20 * HOUR, len(frame)), lags)
    frame["receivedtime"] = frame["time"] + 1000 + lags.astype("int64")
    return frame


def _with_noise(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add a few exact redeliveries, as on any message bus."""
    again = frame[rng.random(len(frame)) < REDELIVERED_SHARE].copy()
    again["receivedtime"] += (rng.uniform(1, 60, len(again)) * MINUTE).astype("int64")
    return pd.concat([frame, again], ignore_index=True)
