"""What people do in the golden products: sessions and the times between their events."""

import random
from datetime import timedelta
from typing import Any

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Row, event

MINUTE = 1 / 60
SECOND = 1 / 3600
SECOND_LONG = timedelta(seconds=1)
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
    rows.append(event("crowd", "employee.left", "p3", at(24 * 5)))
    return rows


def use(product: str, person: str, hours: float, kind: str = "tool.used") -> Row:
    """Return one use of a tool."""
    return event(product, kind, "tool", at(hours), actor_id=person)


def cohorts() -> list[Row]:
    """The worked retention: weeks in which each of seven people is active, three complete."""
    weeks = {"u1": [0, 1, 2, 3], "u2": [0, 2], "u3": [0], "u4": [0, 1], "u5": [1, 2, 3],
             "u6": [1, 3], "u7": [2, 3]}  # fmt: skip
    return [use("cohorts", person, 168 * week + 10) for person, mine in weeks.items()
            for week in mine]  # fmt: skip


def growth() -> list[Row]:
    """The worked growth accounting; in its twin D and C leave the organisation."""
    weeks = ["abcd", "abe", "acef"]
    rows = [
        use(product, person, 168 * week + 10)
        for product, who in (("growth", str.lower), ("growth_left", str.upper))
        for week, people in enumerate(weeks)
        for person in who(people)
    ]
    # on the last second of the second week, and on the first of the third
    rows += [event("growth_left", "employee.left", "D", at(336) - SECOND_LONG),
             event("growth_left", "employee.left", "C", at(336))]  # fmt: skip
    return rows


def sticky() -> list[Row]:
    """Daily people 3 4 2 5 4 0 0 of six in a week; who comes twice a day came that day."""
    days = ["abc", "abcd", "ef", "abcde", "abcd"]
    rows = [use("sticky", person, 24 * day + 10) for day, people in enumerate(days)
            for person in people]  # fmt: skip
    return [*rows, use("sticky", "a", 11)]


def activation() -> list[Row]:
    """The worked activation: two actions in the thirty days from the start, as-of day 40."""
    users = [("u1", 0, [1, 5]), ("u2", 0, [2]), ("u3", 0, [3, 30]), ("u4", 0, [0, 29.9]),
             ("u5", 15, [16, 20]), ("u6", 20, []), ("u7", 30, [])]  # fmt: skip
    rows = []
    for person, start, actions in users:
        rows.append(use("activation", person, 24 * start, "account.created"))
        rows += [use("activation", person, 24 * day, "invoice.sent") for day in actions]
    # a second account starts nothing anew
    return [*rows, use("activation", "u2", 24 * 5, "account.created")]


def funnel() -> list[Row]:
    """The worked funnel, and a person who comes back as the window ends, and in the next one."""
    steps = [("u1", 1, 0), ("u1", 1, 0.01), ("u1", 1, 5), ("u1", 2, 6), ("u1", 3, 7), ("u2", 1, 0),
             ("u2", 1, 2), ("u2", 2, 3), ("u3", 1, 1), ("u3", 1, 1.01), ("u3", 3, 2), ("u4", 2, 1),
             ("u4", 3, 2), ("u5", 1, 0), ("u5", 2, 200), ("u5", 3, 201)]  # fmt: skip
    rows = [use("funnel", person, hours, f"step.{step}") for person, step, hours in steps]
    # a second before the end it is the same entry, and at the end a new one
    rows += [use("funnel_again", "a", hours, "step.1") for hours in (0, 168 - SECOND, 168, 300)]
    rows += [use("funnel_again", "a", 168, "step.2"), use("funnel_again", "b", 1, "step.1"),
             use("funnel_again", "b", 169 - SECOND, "step.2"),
             use("funnel_again", "b", 169 - SECOND, "step.3")]  # fmt: skip
    return rows


def funnel_by_value() -> list[Row]:
    """Steps of one type, told apart by a property: b skips the second, d goes back, e has none."""
    walks = {"a": "basket address payment", "b": "basket payment", "c": "address payment basket",
             "d": "basket address basket address payment", "e": "none"}  # fmt: skip
    return [
        event("funnel_by_value", "step.entered", basket, at(1 + number),
              actor_kind="service", data={} if step == "none" else {"step": step})
        for basket, walk in walks.items() for number, step in enumerate(walk.split())
    ]  # fmt: skip


def funnel_of_few() -> list[Row]:
    """Twenty enter each week: three leave at the end, four go on thrice, and nothing is small."""
    weeks = [(20, 12, 9), (20, 0, 0), (20, 10, 5)]
    rows = [
        use("funnel_few", f"p{person}", 168 * week + step, f"step.{step}")
        for week, counts in enumerate(weeks)
        for step, count in enumerate(counts, start=1)
        for person in range(count)
    ]
    for hours in (168 + 2, 168 + 50, 168 + 98):
        for person in range(4):
            rows += [use("funnel_few", f"p{person}", hours - 0.5, "step.1"),
                     use("funnel_few", f"p{person}", hours, "step.2")]  # fmt: skip
    return rows


def causes() -> list[Row]:
    """Reasons of the last two days before as-of, a blank one, none, and one that is too old."""
    end = 24 * 56 - 1
    given = [("disk", 10, 1), ("disk", 20, 1), ("net", 30, 10), ("", 5, 1), (None, 1, 1)]
    rows = [event("causes", "fault.seen", f"f{number}", at(end - number), actor_id=f"p{number}",
                  sampled_rate=rate, data={"cause": cause, "minutes": minutes})
            for number, (cause, minutes, rate) in enumerate(given)]  # fmt: skip
    rows.append(event("causes", "fault.seen", "probe", at(end), actor_id="excluded",
                      data={"cause": "disk", "minutes": 7}))  # fmt: skip
    # a second within the window, and exactly as old as it
    rows += [event("causes", "fault.seen", name, at(end - 48) + late, actor_id="p",
                   data={"cause": "age", "minutes": 4})
             for name, late in (("in", SECOND_LONG), ("out", SECOND_LONG * 0))]  # fmt: skip
    # churn reasons: five people of one, four of another, which are pooled and hide the table
    for product, few in (("why", 4), ("why_not", 5)):
        rows += [
            event(
                product,
                "account.left",
                f"{reason}{n}",
                at(end),
                actor_id=f"{reason}{n}",
                data={"cause": reason},
            )
            for reason, count in (("price", 5), ("speed", few))
            for n in range(count)
        ]
    return rows


def events() -> list[Row]:
    """Return all events of these products."""
    parts = (
        sessions,
        loads,
        crowd,
        cohorts,
        growth,
        sticky,
        activation,
        funnel,
        funnel_by_value,
        funnel_of_few,
        causes,
    )
    return [row for part in parts for row in part()]


MEASURES: list[Row] = [
    measure("sessions", "session", USE, unit_key="actor"),
    measure("long_sessions", "session", USE, unit_key="actor"),
    measure("session_minutes", "session", USE, unit_key="actor", aggregate="sum",
            quantity="duration_minutes"),
    measure("session_people", "session", USE, aggregate="distinct_people"),
    measure("load_time", "event", "page.viewed", aggregate="sum", quantity="ms"),
]  # fmt: skip

FILTERS = [("long_sessions", "event_count", ">", "1")]


def custom(name: str, model: str, parameter: str | None = None, kind: str = "proportion") -> Row:
    """Return a registry row of a metric whose parts a model of its own makes."""
    return metric(name, kind, custom_model=model, custom_parameter=parameter,
                  subject_kind="person")  # fmt: skip


METRICS: list[Row] = [
    ratio("sessions_per_person", "count_rate", "sessions", "session_people", subject_kind="person"),
    ratio("session_mean", "ratio_of_sums", "session_minutes", "long_sessions",
          subject_kind="person"),
    ratio("session_median", "quantile", "session_minutes", None, statistic="p50",
          subject_kind="person"),
    *(metric(f"load_{statistic}", "quantile", statistic=statistic, unit="ms",
             numerator_measure_id="load_time") for statistic in ("p50", "p75", "p95")),
    *(custom(f"retention_week_{week}", "retention", str(week)) for week in (1, 2, 3)),
    custom("churn_rate", "churn"),
    custom("stickiness", "stickiness", kind="ratio_of_sums"),
    custom("activated", "activation", "invoices"),
    custom("crowd_activated", "activation", "views"),
    custom("conversion", "funnel", "buying"),
    custom("conversion_again", "funnel", "buying_again"),
    {**custom("conversion_by_value", "funnel", "baskets"), "subject_kind": "item"},
    custom("conversion_of_few", "funnel", "buying_few"),
    custom("crowd_conversion", "funnel", "finding"),
]  # fmt: skip

ENDS: dict[str, Any] = {"visits": None, "visits_elsewhere": None, "loads": None,
                        "crowd": None, "cohorts": at(673), "growth": at(504),
                        "growth_left": at(504), "sticky": None, "activation": at(960),
                        "funnel": None, "funnel_again": None, "funnel_by_value": None,
                        "funnel_few": None, "causes": None, "why": None,
                        "why_not": None}  # fmt: skip

WATCHED = {
    "visits": ["sessions_per_person", "session_mean", "session_median"],
    "visits_elsewhere": ["sessions_per_person", "session_median"],
    "loads": ["load_p50", "load_p75", "load_p95"],
    "cohorts": ["retention_week_1", "retention_week_2", "retention_week_3"],
    "growth": ["churn_rate"], "growth_left": ["churn_rate"], "sticky": ["stickiness"],
    "activation": ["activated"], "funnel": ["conversion"], "funnel_again": ["conversion_again"],
    "funnel_by_value": ["conversion_by_value"],
    "funnel_few": ["conversion_of_few"],
    "crowd": ["retention_week_1", "retention_week_2", "churn_rate", "stickiness",
              "crowd_activated", "crowd_conversion",
"sessions_per_person", "session_mean", "session_median", "load_p75"],
}  # fmt: skip


def steps(name: str, product: str, window_hours: float, *types: str) -> list[Row]:
    """Return the registry rows of a funnel of people."""
    return [
        {"funnel_id": name, "product_id": product, "step_number": number, "event_type": kind,
         "window_hours": window_hours, "match_key": "actor"}
        for number, kind in enumerate(types, start=1)
    ]  # fmt: skip


def pareto(name: str, product: str, kind: str, **more: Any) -> Row:
    """Return the registry row of a Pareto table by cause."""
    return {"diagnostic_id": name, "product_id": product, "diagnostic_name": name,
            "item_kind": "event", "item_type": kind, "dimension": "cause", **more}  # fmt: skip


TABLES: dict[str, list[Row]] = {
    "diagnostics": [
        pareto("count", "causes", "fault.seen", trailing_days=2),
        pareto("minutes", "causes", "fault.seen", trailing_days=2, quantity="minutes"),
        pareto("why", "why", "account.left", subject_kind="person"),
        pareto("why_not", "why_not", "account.left", subject_kind="person"),
    ],
    "active_uses": [
        {"product_id": product, "event_type": kind}
        for product, kind in [("cohorts", "tool.used"), ("growth", "tool.used"),
                              ("growth_left", "tool.used"), ("sticky", "tool.used"),
                              ("crowd", "page.viewed"), ("crowd", "search.made")]
    ],
    "activations": [
        {"activation_id": "invoices", "product_id": "activation", "least_count": 2,
         "start_event_type": "account.created", "event_type": "invoice.sent", "within_days": 30,
         "match_key": "actor"},
        {"activation_id": "views", "product_id": "crowd", "least_count": 3,
         "start_event_type": "search.made", "event_type": "page.viewed", "within_days": 5,
         "match_key": "actor"},
    ],
    "funnels": [
        *steps("buying", "funnel", 168, "step.1", "step.2", "step.3"),
        *steps("buying_again", "funnel_again", 168, "step.1", "step.2"),
        *({**step, "match_key": "subject", "step_property": "step", "step_value": value}
          for step, value in zip(
              steps("baskets", "funnel_by_value", 24, *["step.entered"] * 3),
              ("basket", "address", "payment"), strict=True)),
        *steps("buying_few", "funnel_few", 24, "step.1", "step.2", "step.3"),
        *steps("finding", "crowd", 24, "search.made", "page.viewed"),
    ],
}  # fmt: skip
