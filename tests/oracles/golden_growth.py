"""Active people, forecasts, and what is too little for a value: a few events for each edge."""

from typing import Any

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Registry, Row, event

WEEK = 168


def use(product: str, person: str, week: int, day: float = 0) -> Row:
    """Return a use of a tool, in weeks and days from the base."""
    return event(product, "tool.used", "tool", at(WEEK * week + 24 * day + 10), actor_id=person)


def people() -> list[Row]:
    """A four-week period that begins a week too early, a whole one, and one that is not over."""
    rows = [use("people", "a", 0), use("people", "a", 0, 0.1), use("people", "a", 0, 1),
            use("people", "b", 0)]  # fmt: skip
    for product in ("people", "people_whole"):
        rows += [use(product, "a", 3), use(product, "c", 3), use(product, "d", 4),
                 use(product, "e", 7)]  # fmt: skip
    return rows


def figure(kind: str, subject: str, hours: float, amount: Any, **more: Any) -> Row:
    """Return a forecast or an observation of a figure."""
    return event("forecasts", kind, subject, at(hours), data={"amount": amount}, **more)


def forecasts() -> list[Row]:
    """Two that can be judged, off by a fifth and a quarter, and five that cannot."""
    made = [("s1", 0, 100), ("s1", 5, 120), ("s1", 12, 500), ("s2", 1, 50), ("s4", 20, 30),
            ("s5", 40, 7), ("s6", 41, "many"), ("s7", 42, 7)]  # fmt: skip
    seen = [("s1", 10, 100), ("s2", 11, 0), ("s3", 11, 10), ("s4", 30, 40), ("s5", 40, 8),
            ("s6", 50, 8), ("s7", 50, None)]  # fmt: skip
    rows = [figure("forecast.made", *row) for row in made]
    rows += [figure("actual.observed", *row) for row in seen]
    return [*rows, figure("forecast.made", "s4", 25, 40, actor_id="excluded")]


def answers() -> list[Row]:
    """Four answers in the first week, two in the second, one in the third."""
    given = [(0, (9, 10, 3, 8)), (1, (9, 2)), (2, (10,))]
    return [
        event("votes", "survey.answered", "s", at(WEEK * week + 10 + n), actor_id=f"p{n}",
              data={"score": score})
        for week, scores in given for n, score in enumerate(scores)
    ]  # fmt: skip


def jobs() -> list[Row]:
    """Two jobs, of which one is finished."""
    return [event("votes", "job.started", "a", at(1)), event("votes", "job.started", "b", at(1)),
            event("votes", "job.finished", "a", at(3))]  # fmt: skip


def crowd() -> list[Row]:
    """A dozen answer in each of four weeks, and half of them are promoters."""
    return [
        event("many", "survey.answered", "s", at(WEEK * week + n), actor_id=f"p{n}",
              data={"score": 9 if n % 2 else 3})
        for week in range(3, 7) for n in range(12)
    ]  # fmt: skip


def newcomers() -> list[Row]:
    """Five newcomers a week of whom two or three start at once; the twin's second week has two."""
    rows = []
    for product, starters in (("joining", (3, 3, 3, 3)), ("joining_unevenly", (3, 2, 3, 3))):
        for week, count in enumerate(starters, start=3):
            for number in range(5):
                person, hour = f"{product}-{week}-{number}", WEEK * week + number
                rows.append(event(product, "person.joined", person, at(hour), actor_id=person))
                if number < count:
                    rows.append(event(product, "work.started", person, at(hour + 1),
                                      actor_id=person))  # fmt: skip
    return rows


def events() -> list[Row]:
    """Return all events of these products."""
    return [*people(), *forecasts(), *answers(), *jobs(), *crowd(), *newcomers()]


def derived(name: str, operator: str, parents: str, **more: Any) -> Row:
    """Return a registry row of a derived metric."""
    return metric(name, "derived", derived_operator=operator, derived_metric_ids=parents, **more)


METRICS: list[Row] = [
    metric("daily_people", "ratio_of_sums", custom_model="active_people", custom_parameter="day",
           subject_kind="person"),
    metric("four_week_people", "ratio_of_sums", custom_model="active_people",
           custom_parameter="four_weeks", subject_kind="person"),
    derived("daily_part", "ratio", "daily_people;four_week_people"),
    metric("forecast_error", "ratio_of_sums", custom_model="forecast_error",
           custom_parameter="amount"),
    ratio("promoters", "proportion", "promoting", "answering", minimum_n=3),
    ratio("detractors", "proportion", "detracting", "answering"),
    derived("net_promoters", "difference", "promoters;detractors"),
    derived("net_promoters_of_five", "difference", "promoters;detractors", minimum_n=5),
    derived("others", "complement", "promoters", derived_constant=1),
    derived("promoters_in_percent", "scaled", "promoters", derived_constant=100),
    ratio("promoting_people", "proportion", "promoting", "answering", subject_kind="person"),
    ratio("detracting_people", "proportion", "detracting", "answering", subject_kind="person"),
    derived("net_people", "difference", "promoting_people;detracting_people",
            subject_kind="person"),
    *(metric(f"soon_{product}", "proportion", custom_model="activation", custom_parameter=product,
             subject_kind="person") for product in ("joining", "joining_unevenly")),
    ratio("median_score", "quantile", "scores", None, statistic="p50", minimum_n=3),
    metric("job_time", "duration", task_type_id="job", tau_hours=10, minimum_n=2),
]  # fmt: skip

MEASURES: list[Row] = [
    measure("answering", "event", "survey.answered"),
    measure("promoting", "event", "survey.answered"),
    measure("detracting", "event", "survey.answered"),
    measure("scores", "event", "survey.answered", aggregate="sum", quantity="score"),
]

WATCHED = {
    "people": ["daily_part"], "people_whole": ["four_week_people"], "forecasts": ["forecast_error"],
    "votes": ["net_promoters", "net_promoters_of_five", "others", "promoters_in_percent",
              "median_score", "job_time", "net_people"],
    "many": ["net_people"], "joining": ["soon_joining"],
    "joining_unevenly": ["soon_joining_unevenly"],
}  # fmt: skip


def registry() -> Registry:
    """Return the registry rows by table."""
    return {
        "sources": [{"source_id": name, "product_id": name} for name in WATCHED],
        "task_types": [{"task_type_id": "job", "task_name": "Job", "match_key": "subject",
                        "start_event_type": "job.started", "finish_event_type": "job.finished"}],
        "measures": MEASURES,
        "measure_filters": [
            {"measure_id": "promoting", "dimension": "score", "operator": ">=", "value": "9"},
            {"measure_id": "detracting", "dimension": "score", "operator": "<=", "value": "6"},
        ],
        "metrics": METRICS,
        "watched_metrics": [{"product_id": product, "metric_id": name}
                            for product, names in WATCHED.items() for name in names],
        "active_uses": [{"product_id": product, "event_type": "tool.used"}
                        for product in ("people", "people_whole")],
        "activations": [
            {"activation_id": product, "product_id": product, "least_count": 1, "within_days": 1,
             "start_event_type": "person.joined", "event_type": "work.started",
             "match_key": "actor"} for product in ("joining", "joining_unevenly")
        ],
        "excluded_accounts": [{"actor_id": "excluded", "reason": "probe"}],
    }  # fmt: skip
