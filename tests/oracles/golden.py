"""A few dozen events, each there for a reason: the worked figures of the method, one product each.

Hours count from `BASE`, Monday 00:00 in Berlin. A product's `observed_until` is the as-of of
its worked figure.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from tests.oracles.warehouse import Row, event

BASE = datetime(2025, 3, 2, 23)
"""Monday 2025-03-03 00:00 in Berlin, as naive UTC."""
AS_OF = datetime(2025, 4, 27, 22)
"""Monday 2025-04-28 00:00 in Berlin, summer time, as naive UTC."""


def at(hours: float) -> datetime:
    """Return the instant so many hours after the base."""
    return BASE + timedelta(hours=hours)


def task(product: str, name: str, subject: str, start: float, end: float | None) -> list[Row]:
    """Return start and finish events of a task, in hours; None where it stays open."""
    rows = [event(product, f"{name}.started", subject, at(start))]
    if end is not None:
        rows.append(event(product, f"{name}.finished", subject, at(end)))
    return rows


def ripe_cohort() -> list[Row]:
    """Durations 1 2 4 6 8 and two open ones, tau 10 h, all started within the first week."""
    ends = [1.0, 2.0, 4.0, 6.0, 8.0, None, None]
    pairs = [
        task("ripe", "job", f"j{number}", number, None if length is None else number + length)
        for number, length in enumerate(ends)
    ]
    return [row for pair in pairs for row in pair]


def failures() -> list[Row]:
    """Five failures of a minute in 168 h: spread as in the worked figure, and crowded late."""
    times = {"spread": [20, 60, 130, 150, 160], "crowded": [140, 150, 155, 160, 165]}
    rows = []
    for product, starts in times.items():
        rows.append(event(product, "source.alive", "o", at(0), is_heartbeat=True))
        for number, start in enumerate(starts):
            rows += [
                event(product, "incident.detected", f"f{number}", at(start)),
                event(product, "incident.resolved", f"f{number}", at(start + 1 / 60)),
            ]
    return rows


def outages() -> list[Row]:
    """Five incidents of which two overlap and two touch; the last is open at the end of 168 h."""
    rows = [event("outage", "source.alive", "o", at(0), is_heartbeat=True)]
    for number, (start, end) in enumerate([(10, 12), (11, 14), (14, 15), (50, 51), (160, None)]):
        by = {"detected_by": "user" if number == 0 else "monitoring"}
        rows.append(event("outage", "incident.detected", f"i{number}", at(start), data=by))
        if end is not None:
            rows.append(event("outage", "incident.resolved", f"i{number}", at(end)))
    return rows


def sla() -> list[Row]:
    """Six items with an SLA of 3 days, as-of day 10; t5 is not yet due and left out."""
    items = [("t1", 0, 2), ("t2", 1, 5), ("t3", 2, None), ("t4", 6, None), ("t5", 8, None)]
    rows = [
        row
        for name, start, end in [*items, ("t6", 4, 6.5)]
        for row in task("sla", "job", name, start * 24, None if end is None else end * 24)
    ]
    # due exactly at as-of, and met: it counts
    return rows + task("sla_edge", "job", "due_now", 7 * 24, 7 * 24 + 1)


def releases() -> list[Row]:
    """Six releases, three days to be judged, as-of day 14, plus two at the edge of the window."""
    rows: list[Row] = []
    facts: list[tuple[str, float, float | None, float, int]] = [
        ("r1", 0, None, 0.82, 1), ("r2", 3, 5, 0.9, 0), ("r3", 8, None, 0.7, 1),
        ("r4", 9, None, 0.85, 4), ("r5", 12, None, 0.81, 2), ("r6", 13, None, 0.95, 0),
    ]  # fmt: skip
    for name, day, rolled_back, coverage, operations in facts:
        rows += release("package", name, day * 24, rolled_back and rolled_back * 24, coverage)
        rows += [
            event("package", "devops_activity.logged", f"{name}-{number}", at(day * 24 + 1),
                  data={"release_id": name, "team": "product", "minutes": 10})
            for number in range(operations)
        ]  # fmt: skip
    rows += release("package_edge", "at_the_end", 0, 72, 0.8)
    rows += release("package_edge", "after_the_end", 0, 72 + 1 / 3600, 0.8)
    rows += release("package_edge", "judged_now", 14 * 24 - 72, None, 0.8)
    rows += release("package_edge", "judged_soon", 14 * 24 - 72 + 1 / 3600, None, 0.8)
    rows += release("package_edge", "uncovered", 1, None, 0.79)
    rows += release("package_edge", "unmeasured", 2, None, None)
    return rows


def release(
    product: str, name: str, hours: float, rolled_back: float | None, coverage: float | None
) -> list[Row]:
    """Return a publication with its coverage, and its roll-back."""
    data = {} if coverage is None else {"covered": round(coverage * 100), "coverable": 100}
    rows = [event(product, "release.published", name, at(hours), data=data)]
    if rolled_back is not None:
        rows.append(event(product, "release.rolled_back", name, at(rolled_back)))
    return rows


def deployments() -> list[Row]:
    """Seven deployments and four incidents of the worked DORA case, as ids D1 to D7."""
    rows: list[Row] = []
    arrivals = [("D1", 10, "a1", "planned"), ("D2", 20, "a2", "planned"),
                ("D3", 23, "a1", "rollback"), ("D4", 26, "a3", "hotfix"),
                ("D5", 40, "a4", "planned"), ("D6", 41, "a4", "redeploy"),
                ("D7", 60, "a5", "planned")]  # fmt: skip
    for name, hour, artifact, kind in arrivals:
        data = {"service": "shop", "artifact": artifact, "kind": kind}
        rows.append(event("dora", "service.deployed", "shop", at(hour), event_id=name,
                          environment="production", data=data))  # fmt: skip
    incidents = [("I1", 21, 23, "D2"), ("I2", 22, 23, "D2"), ("I3", 61, 70, "D7"),
                 ("I4", 85, 87, None)]  # fmt: skip
    for name, start, end, cause in incidents:
        rows.append(event("dora", "incident.detected", name, at(start), causation_id=cause,
                          data={"service": "shop" if cause else "other"}))  # fmt: skip
        rows.append(event("dora", "incident.resolved", name, at(end)))
    landed = {"c1": (2, "a1"), "c2": (5, "a2"), "c3": (18, "a2"), "c4": (24, "a3"),
              "c5": (30, "a4"), "c6": (59, "a5")}  # fmt: skip
    for sha, (hour, artifact) in landed.items():
        data = {"service": "shop", "artifact": artifact,
                "committed_at": at(hour).isoformat() + "Z"}  # fmt: skip
        rows.append(event("dora", "change.landed", sha, at(hour), data=data))
    return rows


def shares() -> list[Row]:
    """Ratio of sums, a share of 5 of 7, three events in a week, and a week with nothing."""
    rows: list[Row] = []
    for number, (fix, total) in enumerate([(1, 40), (8, 10), (2, 30)]):
        for category, hours in (("fix", fix), ("write", total - fix)):
            rows.append(event("share", "time.logged", f"t{number}{category}", at(10 + number),
                              actor_id=f"p{number}",
                              data={"category": category, "hours": hours}))  # fmt: skip
    for number in range(7):
        data = {"correct": number < 5}
        rows.append(event("share", "decision.reviewed", f"d{number}", at(20), data=data))
    for number in range(3):
        rows.append(event("share", "page.retracted", f"p{number}", at(30 + number)))
    # Sunday 23:59:59 and Monday 00:00:00 in Berlin, the clocks having gone forward that Sunday
    rows.append(event("share", "page.retracted", "sunday", datetime(2025, 3, 30, 21, 59, 59)))
    rows.append(event("share", "page.retracted", "monday", datetime(2025, 3, 30, 22)))
    return rows


def reopenings() -> list[Row]:
    """A reopen window of two days: exactly two days continues the task, a second more doesn't."""
    rows: list[Row] = []
    for subject, gap in (("in_time", 48.0), ("too_late", 48 + 1 / 3600)):
        rows += task("reopen", "job", subject, 0, 10)
        rows.append(event("reopen", "job.reopened", subject, at(10 + gap)))
        rows.append(event("reopen", "job.finished", subject, at(10 + gap + 5)))
    rows += task("reopen", "job", "cancelled", 0, None)
    rows.append(event("reopen", "job.cancelled", "cancelled", at(1)))
    rows += task("reopen", "job", "instant", 2, 2)
    rows.append(event("reopen", "job.finished", "orphan", at(3)))
    rows += task("reopen", "job", "twice", 4, 9)
    rows.append(event("reopen", "job.started", "twice", at(5)))
    rows += task("reopen", "job", "again", 4, 5) + task("reopen", "job", "again", 6, 9)
    return rows


def followed() -> list[Row]:
    """Contacts followed by another of the same person: at exactly a week, and a second later."""
    rows: list[Row] = []
    for actor, gap in (("in_time", 168.0), ("too_late", 168 + 1 / 3600), ("at_once", 0.0)):
        for number, hours in enumerate((5.0, 5 + gap)):
            rows.append(event("follow", "contact.received", f"{actor}{number}", at(hours),
                              actor_id=actor))  # fmt: skip
    rows.append(event("follow", "contact.received", "own", at(6), actor_id="excluded"))
    rows.append(event("follow", "contact.received", "t", at(6), actor_id="x", actor_kind="test"))
    return rows


def stocks() -> list[Row]:
    """Open at the end of the first week: what starts or ends as it ends belongs to the next."""
    week = 168.0
    return [
        *task("stock", "job", "open", week - 24, None),
        *task("stock", "job", "old", 0, None),
        *task("stock", "job", "ends_with_week", 1, week),
        *task("stock", "job", "ends_before", 1, week - 1),
        *task("stock", "job", "starts_with_week", week, None),
        event("stock", "detail.given", "old", at(week - 1)),
        event("stock", "detail.given", "open", at(week)),
    ]


def edges_of_durations() -> list[Row]:
    """Only open ones; only one; and a week that is ripe exactly at as-of or a second later."""
    rows = [event("all_open", "job.started", f"j{number}", at(number)) for number in range(3)]
    rows += task("one_row", "job", "j", 1, 4)
    for number, length in enumerate([1, 1, 9]):
        rows += task("skewed", "job", f"j{number}", number, number + length)
    return rows + task("ripe_now", "job", "j", 1, 4) + task("ripe_soon", "job", "j", 1, 4)


def operations() -> list[Row]:
    """Eight hours of maintenance of which two lie in an outage of four; and no failure at all."""
    rows = []
    for product in ("maintained", "sound"):
        rows.append(event(product, "source.alive", "o", at(0), is_heartbeat=True))
    rows.append(event("sound", "incident.detected", "m", at(20), data={"maintenance": True}))
    rows.append(event("sound", "incident.resolved", "m", at(20)))
    for name, start, end, planned in (("m", 10, 18, True), ("i", 16, 20, False)):
        data = {"maintenance": planned}
        rows.append(event("maintained", "incident.detected", name, at(start), data=data))
        rows.append(event("maintained", "incident.resolved", name, at(end)))
    return rows


def links() -> list[Row]:
    """Incidents a day after a deployment, a second later, naming an artefact; and a downgrade."""
    rows: list[Row] = []

    def arrive(service: str, hours: float, artifact: str) -> None:
        rows.append(event("linked", "service.deployed", service, at(hours),
                          environment="production",
                          data={"service": service, "artifact": artifact}))  # fmt: skip

    def fail(service: str, hours: float, artifact: str | None = None) -> None:
        data = {"service": service} | ({"artifact": artifact} if artifact else {})
        rows.append(event("linked", "incident.detected", f"{service}-i", at(hours),
                          environment="production", data=data))  # fmt: skip

    arrive("day_after", 1, "v1")
    fail("day_after", 25)
    arrive("day_and_second", 1, "v1")
    fail("day_and_second", 25 + 1 / 3600)
    arrive("named", 1, "v1")
    arrive("named", 2, "v2")
    fail("named", 3, "v1")
    for hours, artifact in ((1, "v1"), (2, "v2"), (90, "v1")):
        arrive("downgraded", hours, artifact)
    return rows


def days() -> list[Row]:
    """Two payments of four fail on a Tuesday, none on the next two days."""
    outcomes = {24: [True, True, False, False], 48: [False, False, False], 72: [False]}
    return [
        event("daily", "payment.attempted", f"{hour}-{number}", at(hour + 1 + number),
              data={"is_failed": is_failed})
        for hour, failed in outcomes.items()
        for number, is_failed in enumerate(failed)
    ]  # fmt: skip


def disorder() -> list[Row]:
    """A thousand drawn events on whole hours of four weeks, so that ties and strays abound."""
    rng = random.Random(8)
    kinds = ["job.started", "job.finished", "job.cancelled", "job.reopened", "incident.detected",
             "incident.resolved", "contact.received", "time.logged", "service.deployed",
             "change.landed", "detail.given"]  # fmt: skip
    rows: list[Row] = []
    for number in range(1000):
        data: dict[str, Any] = {"service": rng.choice("ab"), "artifact": f"v{rng.randrange(9)}",
                "maintenance": rng.random() < 0.2, "category": rng.choice(["fix", "write"]),
                "hours": rng.randrange(8), "detected_by": rng.choice(["user", "alert"]),
                "kind": rng.choice(["planned", "hotfix"])}  # fmt: skip
        kind = rng.choice(kinds)
        subject = f"{kind[:3]}{rng.randrange(25)}"
        hour = rng.randrange(24 * 28)
        data["committed_at"] = at(hour - 1).isoformat() + "Z"
        rows.append(event("disorder", kind, subject, at(hour), data=data,
                          event_id=f"d{number}", actor_id=f"p{rng.randrange(12)}",
                          actor_kind=rng.choice(["human", "human", "bot", "test"]),
                          environment=rng.choice(["production", "staging"]),
                          causation_id=f"d{rng.randrange(1000)}",
                          sampled_rate=rng.choice([1, 1, 10])))  # fmt: skip
    return rows


def events() -> list[Row]:
    """Return all events of the golden products."""
    parts = (ripe_cohort, outages, failures, sla, releases, deployments, shares, reopenings,
             followed, stocks, edges_of_durations, operations, links, days, disorder)  # fmt: skip
    return [row for part in parts for row in part()]


def measure(name: str, item_kind: str, item_type: str | None = None, **more: Any) -> Row:
    """Return a registry row of a measure that counts, unless told otherwise."""
    return {"measure_id": name, "item_kind": item_kind, "item_type": item_type,
            "aggregate": "count", "unit_key": "subject", "anchor": "occurred", **more}  # fmt: skip


def metric(name: str, kind: str, **more: Any) -> Row:
    """Return a registry row of a metric."""
    return {"metric_id": name, "kind": kind, "unit": "hours", "direction": "down",
            "natural_period": "week", "subject_kind": "item", "metric_version": 1,
            **more}  # fmt: skip


def ratio(name: str, kind: str, numerator: str, denominator: str | None, **more: Any) -> Row:
    """Return a registry row of a metric on measures."""
    sides = {"numerator_measure_id": numerator, "denominator_measure_id": denominator}
    return metric(name, kind, **sides, **more)
