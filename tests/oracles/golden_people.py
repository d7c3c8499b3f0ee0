"""A golden crew of few: shares, hours, rosters and records that tell of somebody, or do not."""

import random

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Row, event

WEEK = 168
CREW = "crew"
ENDS = {CREW: None}
PERSON = {"subject_kind": "person"}
RECORDS = {"subjects_are_people": True}

METRICS: list[Row] = [
    ratio("yes_share", "proportion", "votes_yes", "votes", minimum_n=20, **PERSON),
    ratio("crew_fixing", "ratio_of_sums", "crew_hours_fixing", "crew_hours", **PERSON),
    ratio("crew_hours_a_week", "count_rate", "crew_hours", None, **PERSON),
    metric("duty_time", "duration", task_type_id="duty", tau_hours=24, **PERSON),
    ratio("on_duty", "stock", "duties_open", None, **PERSON),
    ratio("voters_on_duty", "proportion", "voters", "duties_open", **PERSON),
    ratio("files_right", "proportion", "files_right", "files_read", **RECORDS),
    ratio("files_open", "stock", "files_open", None, **RECORDS),
    ratio("files_read_per_open", "count_rate", "files_read", "files_open", **RECORDS),
    metric("no_share", "derived", derived_operator="complement", derived_metric_ids="yes_share",
           derived_constant=1),
]  # fmt: skip

MEASURES: list[Row] = [
    measure("votes", "event", "vote.cast"),
    measure("votes_yes", "event", "vote.cast"),
    measure("voters", "event", "vote.cast", aggregate="distinct_people"),
    measure("crew_hours", "event", "shift.logged", aggregate="sum", quantity="hours",
            unit_key="actor"),
    measure("crew_hours_fixing", "event", "shift.logged", aggregate="sum", quantity="hours",
            unit_key="actor"),
    measure("duties_open", "task", "duty", aggregate="open_at_period_end"),
    measure("files_read", "event", "file.read"),
    measure("files_right", "event", "file.read"),
    measure("files_open", "task", "file", aggregate="open_at_period_end"),
]  # fmt: skip

FILTERS = [
    ("votes_yes", "yes", "is_true", None),
    ("crew_hours_fixing", "fixing", "is_true", None),
    ("files_right", "right", "is_true", None),
]

TASK_TYPES = [("duty", "duty.began", "duty.ended"), ("file", "file.opened", "file.closed")]
WATCHED = {CREW: [row["metric_id"] for row in METRICS]}


def events() -> list[Row]:
    """Return eight weeks of the crew, drawn but for what each week is there for."""
    rng = random.Random(11)
    rows = []
    for week in range(8):
        rows += votes(rng, week) + shifts(rng, week) + files(rng, week)
    return rows + duties(rng)


def person(number: int) -> str:
    return f"crew{number:02d}"


def votes(rng: random.Random, week: int) -> list[Row]:
    """Fourteen people vote, too few do, or eight who all say yes."""
    size = [14, 3, 8, 14, 4, 4, 14, 8][week]
    return [
        event(CREW, "vote.cast", f"v{week}-{number}-{turn}", at(WEEK * week + 10 + number),
              actor_id=person(number), data={"yes": size == 8 or rng.random() < 0.5})
        for number in rng.sample(range(30), size) for turn in range(2)
    ]  # fmt: skip


def shifts(rng: random.Random, week: int) -> list[Row]:
    """Twelve people log hours; in the third week one of them logs two thirds of them all."""
    rows = []
    for number in range(12 if week != 5 else 6):
        hours = 120.0 if (week, number) == (2, 0) else float(rng.randrange(2, 9))
        data = {"hours": hours, "fixing": rng.random() < 0.4}
        rows.append(event(CREW, "shift.logged", f"s{week}-{number}", at(WEEK * week + 30),
                          actor_id=person(number), data=data))  # fmt: skip
    return rows


def duties(rng: random.Random) -> list[Row]:
    """People come on duty and go: one of them, nobody, or six a week."""
    rows: list[Row] = []
    on_duty: list[int] = []
    for week, change in enumerate([7, 1, 0, 6, 0, 2, 6, 1]):
        for number in range(change):
            hour = WEEK * week + 20 + number
            is_leaving = len(on_duty) > 6 and rng.random() < 0.5
            who = on_duty.pop(0) if is_leaving else 40 + len(rows)
            kind = "duty.ended" if is_leaving else "duty.began"
            on_duty += [] if is_leaving else [who]
            rows.append(event(CREW, kind, f"d{who}", at(hour), actor_id=person(who)))
    return rows


def files(rng: random.Random, week: int) -> list[Row]:
    """Files of people are opened once and read again, of four to twenty people a week."""
    rows = []
    if week == 0:
        rows += [event(CREW, "file.opened", f"f{n}", at(5)) for n in range(16)]
    if week == 4:
        rows += [event(CREW, "file.closed", f"f{n}", at(WEEK * week + 5)) for n in range(9)]
    for number in range([20, 6, 6, 20, 20, 4, 20, 7][week]):
        rows.append(event(CREW, "file.read", f"f{rng.randrange(40)}", at(WEEK * week + 40 + number),
                          data={"right": rng.random() < 0.7}))  # fmt: skip
    return rows
