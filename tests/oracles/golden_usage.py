"""What people do in the golden products: sessions and the times between their events."""

import random
from typing import Any

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Row, event

MINUTE = 1 / 60
SECOND = 1 / 3600
USE = "page.viewed;search.made"


def view(product: str, person: str, hours: float, **more: Any) -> Row:
    """Return one page view of a person, in hours from the base."""
    return event(product, "page.viewed", "page", at(hours), actor_id=person, **more)


def sessions() -> list[Row]:
    """The worked minutes of one person, and the edges: half an hour, midnight, Sunday night."""
    rows = [view("visits", "worked", 10 + m * MINUTE) for m in (0, 10, 39, 70, 71, 101, 131)]
    rows += [view("visits", "stays", hours) for hours in (34.0, 34.5)]
    rows += [view("visits", "splits", hours) for hours in (34.0, 34.5 + SECOND)]
    # over midnight; and with two kinds of use that make one session
    rows += [view("visits", "owl", hours) for hours in (47.9, 48.1, 48.3)]
    rows.append(event("visits", "search.made", "s", at(48.5), actor_id="owl"))
    # begins on Sunday, so it belongs to the first week
    rows += [view("visits", "sunday", hours) for hours in (167.9, 168.1)]
    # the same person elsewhere is another session; machines, probes and nobody have none
    rows += [view("visits_elsewhere", "worked", 10.1)]
    rows += [view("visits", "robot", 20.0, actor_kind=kind) for kind in ("bot", "service", "test")]
    rows.append(view("visits", "excluded", 20))
    rows.append(event("visits", "page.viewed", "page", at(20)))
    return rows


def loads() -> list[Row]:
    """Load times of 0.1 to 1.2 s in the first week, few in the next, two rates in the fifth."""
    rows = [view("loads", f"p{number}", number, data={"ms": number * 100})
            for number in range(1, 13)]  # fmt: skip
    rows.append(view("loads", "p1", 169, data={"ms": 10_000}))
    rows.append(view("loads", "p1", 170))
    rows += [view("loads", f"p{ms}", 340, data={"ms": ms}) for ms in (100, 200, 300)]
    rows += [view("loads", "p1", 700 + n, data={"ms": 5}, sampled_rate=n) for n in (1, 10)]
    return rows


def crowd() -> list[Row]:
    """Drawn mornings of twenty people on a grid of ten minutes, so that half hours abound."""
    rng = random.Random(9)
    rows: list[Row] = []
    for _ in range(500):
        hours = 24 * rng.choice([0, 1, 4, 7, 8, 15, 21, 22]) + 8 + rng.randrange(24) / 6
        kind = rng.choice(["page.viewed", "page.viewed", "search.made"])
        rows.append(event("crowd", kind, "page", at(hours), actor_id=f"p{rng.randrange(20)}",
                          actor_kind=rng.choice(["human", "human", "unknown", "bot"]),
                          data={"ms": rng.randrange(50)}))  # fmt: skip
    return rows


def events() -> list[Row]:
    """Return all events of these products."""
    return sessions() + loads() + crowd()


MEASURES: list[Row] = [
    measure("sessions", "session", USE, unit_key="actor"),
    measure("long_sessions", "session", USE, unit_key="actor"),
    measure("session_minutes", "session", USE, unit_key="actor", aggregate="sum",
            quantity="duration_minutes"),
    measure("session_people", "session", USE, aggregate="distinct_people"),
    measure("load_time", "event", "page.viewed", aggregate="sum", quantity="ms"),
]  # fmt: skip

FILTERS = [("long_sessions", "event_count", ">", "1")]

METRICS: list[Row] = [
    ratio("sessions_per_person", "count_rate", "sessions", "session_people", subject_kind="person"),
    ratio("session_mean", "ratio_of_sums", "session_minutes", "long_sessions",
          subject_kind="person"),
    ratio("session_median", "quantile", "session_minutes", None, statistic="p50",
          subject_kind="person"),
    *(metric(f"load_{statistic}", "quantile", statistic=statistic, unit="ms",
             numerator_measure_id="load_time") for statistic in ("p50", "p75", "p95")),
]  # fmt: skip

ENDS: dict[str, Any] = {"visits": None, "visits_elsewhere": None, "loads": None,
                        "crowd": None}  # fmt: skip

WATCHED = {
    "visits": ["sessions_per_person", "session_mean", "session_median"],
    "visits_elsewhere": ["sessions_per_person", "session_median"],
    "loads": ["load_p50", "load_p75", "load_p95"],
    "crowd": ["sessions_per_person", "session_mean", "session_median", "load_p75"],
}
