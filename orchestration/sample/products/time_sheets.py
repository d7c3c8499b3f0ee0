"""Time sheets and money: what engineering hours go into, payroll and staff hours."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, OFFICE, OFFICE_HOURS, WEEKS, Pattern
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import task

ENGINEERS = 24
TEAMS = ("team-north", "team-south", "team-west")
WEEK_MINUTES = 38 * 60
LEVEL_MS = 500
"""What the service level allows the slowest of a hundred requests of a load test."""
STAFF = 140
OVER_LIMIT = ((20, 27), (12, 17))
"""People over the limit in four weeks, at least and fewer than: until week 31, and after it."""
FIRST_PERIOD = date(2024, 1, 1)
END_OF_WEEK = Pattern((0.02, 0.03, 0.05, 0.2, 0.7, 0, 0), OFFICE_HOURS)
CATEGORIES = {
    # share of the week before and after week 31, and how often somebody books it at all
    "roadmap": (0.44, 0.54, 1.0),
    "meetings": (0.14, 0.13, 0.5),
    "tech_debt": (0.11, 0.15, 0.4),
    "firefighting": (0.17, 0.08, 0.35),
    "bandaid": (0.08, 0.04, 0.25),
    "substrate": (0.06, 0.06, 0.25),
}
"""What engineers book their time on: an honest week has two or three of these."""
MANUAL_WORK = {
    "deploying by hand": 0.34,
    "waiting for environments": 0.22,
    "mending pipelines": 0.18,
    "granting access": 0.11,
    "restoring data": 0.07,
    "": 0.08,
}
ROLLBACK_REASONS = {
    "wrong tax table": 0.31,
    "failed migration": 0.24,
    "slow after release": 0.17,
    "broken export": 0.11,
    "configuration": 0.07,
    "": 0.1,
}


def time_sheets(draw: Draw) -> None:
    """Roadmap work gains what fighting fires and patching over lose, from week 31 on."""
    engineers = draw.people(ENGINEERS)
    _hours(draw, engineers)
    # thirteen engineers a week write down what they did by hand
    noted = [draw.rng.choice(engineers, 13, replace=False) for _ in range(WEEKS)]
    weeks = np.repeat(np.arange(1, WEEKS + 1), 13)
    draw.emit(
        "manual-work-log",
        "devops_activity.logged",
        draw.moments(weeks, OFFICE),
        actors=np.concatenate(noted),
        data={
            "type": _drawn(draw, MANUAL_WORK, len(weeks)),
            "minutes": np.round(draw.lasting(45, 0.6, len(weeks))).astype(int),
        },
    )
    _outcomes(draw)


def _hours(draw: Draw, engineers: np.ndarray) -> None:
    """One entry a week for each kind of work that an engineer did; most book on Fridays."""
    shares = np.array([values[:2] for values in CATEGORIES.values()])
    often = np.array([values[2] for values in CATEGORIES.values()])
    size = (WEEKS, ENGINEERS, len(CATEGORIES))
    at_week = (np.arange(WEEKS) >= 30).astype(int)
    # what somebody books more seldom is longer when it comes
    weights = draw.rng.gamma(4, 1, size) * (shares[:, at_week] / often[:, None]).T[:, None, :]
    is_here = draw.chance(0.93, WEEKS * ENGINEERS).reshape(WEEKS, ENGINEERS, 1)
    weights *= (draw.rng.random(size) < often) & is_here
    minutes = WEEK_MINUTES * weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-9)
    minutes = 15 * np.round(minutes * draw.rng.uniform(0.88, 1.06, (*size[:2], 1)) / 15)
    weeks, people, kinds = np.nonzero(minutes)
    draw.emit(
        "time-sheets",
        "time_entry.logged",
        draw.moments(weeks + 1, END_OF_WEEK),
        actors=engineers[people],
        segments=[TEAMS[person % len(TEAMS)] for person in people],
        data={
            "category": [list(CATEGORIES)[kind] for kind in kinds],
            "minutes": minutes[weeks, people, kinds].astype(int),
            "project": [f"project-{n}" for n in draw.rng.integers(1, 7, len(weeks))],
        },
    )
    # the planner knows the holidays, not the sick leave
    planned = is_here.reshape(WEEKS, -1, len(TEAMS)).sum(axis=1) + draw.chance(0.2, WEEKS)[:, None]
    draw.emit(
        "time-sheets",
        "capacity.planned",
        np.repeat(draw.calendar.midnights[:-1:7], len(TEAMS)) + 7 * HOUR,
        list(TEAMS) * WEEKS,
        actor_kind="service",
        path="import",
        segments=list(TEAMS) * WEEKS,
        data={"minutes": WEEK_MINUTES * planned.ravel()},
    )


def _outcomes(draw: Draw) -> None:
    """Each team costs about the same every week; the value it books comes in lumps."""
    teams = list(TEAMS) * WEEKS
    draw.emit(
        "finance-ledger",
        "team.cost",
        np.repeat(draw.calendar.midnights[:-1:7], len(TEAMS)) + 4 * DAY + 18 * HOUR,
        teams,
        actor_kind="service",
        path="import",
        data={"team": teams, "amount": np.round(draw.lasting(17_500, 0.05, len(teams)), 2)},
    )
    weeks = draw.weeks(2.5)
    teams = draw.rng.choice(TEAMS, len(weeks)).tolist()
    draw.emit(
        "finance-ledger",
        "outcome.value_booked",
        draw.moments(weeks, OFFICE),
        teams,
        data={
            "team": teams,
            "amount": np.round(
                draw.lasting(stepped(22_000, 29_000, 35)[weeks - 1], 0.7, len(weeks)), 2
            ),
        },
    )


def release_quality(draw: Draw) -> None:
    """Three load tests a week: each raises the load until the slowest requests take too long."""
    weeks = draw.weeks(3)
    size = len(weeks)
    capacity = draw.lasting(np.linspace(560, 740, WEEKS)[weeks - 1], 0.2, size)
    loads = np.arange(20, 1220, 20)
    # requests queue up as the load nears what the service can do; beyond that none is in time
    room = 1 - np.minimum(loads[None, :] / capacity[:, None], 0.999)
    latency = 120 / room * draw.lasting(1.0, 0.06, room.size).reshape(room.shape)
    held = np.cumprod(latency <= LEVEL_MS, axis=1).sum(axis=1)
    draw.emit(
        "load-test-runner",
        "load_test.run",
        draw.moments(weeks, OFFICE),
        actor_kind="service",
        path="api",
        data={
            "service": [f"service-{n:02d}" for n in draw.rng.integers(6, size=size)],
            "highest_load_held": np.where(held > 0, loads[held - 1], 0),
            "latency_p99_ms": np.round(latency[np.arange(size), np.maximum(held - 1, 0)]),
        },
    )


def payroll(draw: Draw) -> None:
    """The tool that pays salaries is automated in week 28; a tax change costs hours meanwhile."""
    clerks = draw.people(ENGINEERS)
    weeks = draw.weeks(4)
    started = draw.moments(weeks, OFFICE)
    lasting = draw.lasting(stepped(95, 52, 28)[weeks - 1], 0.35, len(weeks)) * 60
    runs = ("payroll_run.started", "payroll_run.completed", None)
    task(draw, "payroll-runs", runs, started, lasting, actors=draw.rng.choice(clerks, len(weeks)))
    _tasks(draw, clerks)
    _costs(draw)
    _process(draw, clerks)
    _quality(draw)


def _tasks(draw: Draw, clerks: np.ndarray) -> None:
    weeks = draw.weeks(10)
    size = len(weeks)
    is_entry = draw.chance(0.5, size)
    minutes = np.where(is_entry, stepped(14, 9, 28)[weeks - 1], 6)
    # one in thirty is left lying: never finished
    is_left = draw.chance(0.03, size)
    actors = draw.rng.choice(clerks, size)
    subjects = draw.names("task", size)
    started = draw.moments(weeks, OFFICE)
    kinds = np.where(is_entry, "enter_hours", "correct_payslip").tolist()
    shared = {"actors": actors, "correlations": subjects, "data": {"task_type": kinds}}
    finished = started + draw.lasting(minutes, 0.6, size) * 60
    draw.emit("payroll-tool", "task.started", started, subjects, **shared)
    draw.emit("payroll-tool", "task.completed", finished, subjects, keep=~is_left, **shared)


def _costs(draw: Draw) -> None:
    """What paying salaries cost before the tool, agreed once, and what is booked now."""
    mondays = draw.calendar.midnights[:-1:7]
    draw.emit(
        "payroll-ledger",
        "baseline.recorded",
        mondays + 8 * HOUR,
        [f"baseline-{week}" for week in range(1, WEEKS + 1)],
        actor_kind="service",
        path="import",
        data={"amount": [6_400.0] * WEEKS},
    )
    weeks = np.repeat(np.arange(1, WEEKS + 1), 3)
    amount = draw.lasting(stepped(2_050, 1_250, 28)[weeks - 1], 0.15, len(weeks))
    draw.emit(
        "payroll-ledger",
        "cost.booked",
        draw.moments(weeks, OFFICE),
        actor_kind="service",
        path="import",
        data={
            "team": ["payroll", "support", "licences"] * WEEKS,
            "product": ["payroll"] * len(weeks),
            "amount": np.round(amount, 2),
        },
    )


def _process(draw: Draw, clerks: np.ndarray) -> None:
    """More is finished and fewer ask for help once the tool is automated."""
    weeks = draw.weeks(stepped(5, 7, 28))
    draw.emit(
        "payroll-board",
        "workitem.completed",
        draw.moments(weeks, OFFICE),
        data={"points": draw.rng.choice([1, 2, 3, 5], len(weeks), p=[0.3, 0.35, 0.25, 0.1])},
    )
    weeks = draw.weeks(stepped(6, 4, 28))
    draw.emit(
        "payroll-helpdesk",
        "ticket.created",
        draw.moments(weeks, OFFICE),
        actors=draw.rng.choice(clerks, len(weeks)),
    )


def _quality(draw: Draw) -> None:
    """Twenty modules, a quarter of them measured each week; defects come all the same."""
    modules = [f"module-{n:02d}" for n in range(20)]
    weeks = np.repeat(np.arange(1, WEEKS + 1), 5)
    measured = [modules[(5 * week + n) % 20] for week in range(WEEKS) for n in range(5)]
    lines = draw.rng.integers(600, 4_000, len(weeks))
    share = np.clip(draw.rng.normal(0.82, 0.07, len(weeks)), 0.4, 0.98)
    draw.emit(
        "payroll-builds",
        "coverage.measured",
        draw.moments(weeks, OFFICE),
        measured,
        actor_kind="service",
        path="webhook",
        data={
            "module": measured,
            "covered": np.round(share * lines).astype(int),
            "coverable": lines,
            "is_covered": np.round(share * lines) >= 0.8 * lines,
        },
    )
    weeks = draw.weeks(2)
    draw.emit(
        "payroll-builds",
        "defect.found",
        draw.moments(weeks, OFFICE),
        data={
            "module": draw.rng.choice(modules, len(weeks)),
            "is_module_covered": draw.chance(0.5, len(weeks)),
            "is_escaped": draw.chance(0.7, len(weeks)),
        },
    )
    weeks = draw.weeks(1.5)
    draw.emit(
        "payroll-builds",
        "release.rolled_back",
        draw.moments(weeks, OFFICE),
        path="cli",
        data={"reason": _drawn(draw, ROLLBACK_REASONS, len(weeks))},
    )


def staff_hours(draw: Draw) -> None:
    """Fewer pass the union's limit of overtime after week 31; a survey asks eighteen a month."""
    staff = draw.people(STAFF)
    # the organisation's four-week periods, counted from a Monday of 2024
    offset = (draw.calendar.first_monday - FIRST_PERIOD).days // 7
    period = (np.arange(WEEKS) + offset) // 4
    slot = (np.arange(WEEKS) + offset) % 4
    for number in np.unique(period):
        weeks = np.flatnonzero(period == number) + 1
        _sheets(draw, staff, weeks, slot[weeks - 1])
    asked = np.flatnonzero(slot == 2) + 1
    weeks = np.repeat(asked, 18)
    people = [draw.rng.choice(STAFF, 18, replace=False) for _ in asked]
    mood = draw.rng.normal(0, 0.3, len(asked)).repeat(18) + np.linspace(6.6, 7.4, WEEKS)[weeks - 1]
    scores = np.clip(np.round(draw.rng.normal(mood, 1.6, (2, len(weeks)))), 1, 10).astype(int)
    draw.emit(
        "staff-survey",
        "survey.answered",
        draw.moments(weeks, OFFICE),
        actors=staff[np.concatenate(people)],
        data={"team_score": scores[0], "engagement_score": scores[1]},
    )


def _sheets(draw: Draw, staff: np.ndarray, weeks: np.ndarray, slots: np.ndarray) -> None:
    """One sheet a person in the four weeks, a quarter of the staff each week; some hand in two."""
    over = draw.rng.choice(STAFF, draw.rng.integers(*OVER_LIMIT[int(weeks[0] > 31)]), replace=False)
    overtime = draw.rng.uniform(0, 1_100, STAFF)
    overtime[over] = draw.rng.uniform(1_230, 2_400, len(over))
    sheets = draw.rng.permutation(STAFF)[: STAFF // 8]
    people = np.concatenate([np.arange(STAFF), sheets])
    # a second sheet takes a part of the same hours, in another week
    part = np.ones(len(people))
    part[sheets], part[STAFF:] = 0.7, 0.3
    place = (people + (np.arange(len(people)) >= STAFF)) % 4
    here = np.flatnonzero(np.isin(place, slots))
    at_week = weeks[np.searchsorted(slots, place[here])]
    draw.emit(
        "staff-sheets",
        "time_entry.logged",
        draw.moments(at_week, END_OF_WEEK),
        actors=staff[people[here]],
        data={
            "minutes": np.round(part[here] * draw.rng.normal(9_000, 500, len(here))).astype(int),
            "overtime_minutes": np.round((part * overtime[people])[here]).astype(int),
            "is_after_close": draw.chance(0.07, len(here)),
        },
    )


def _drawn(draw: Draw, shares: dict[str, float], size: int) -> Sequence[str]:
    """Reasons at their shares; a blank one is what nobody filled in."""
    names, weights = list(shares), np.array(list(shares.values()))
    return draw.rng.choice(names, size, p=weights / weights.sum()).tolist()
