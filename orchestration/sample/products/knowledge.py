"""Insight desk, newsroom and data platform: people who look for an answer or write one."""

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import active_weeks, task


def insight_desk(draw: Draw) -> None:
    """Story: certified reports go live in week 43, decisions come sooner, as right as before."""
    people = draw.people(120)
    active_weeks(draw, "insight-usage", people, 0.8)
    weeks = draw.weeks(70)
    asked = draw.moments(weeks, OFFICE)
    hours = stepped(60, 33, 43)[weeks - 1]
    domains = draw.rng.choice(["sales", "stock", "prices"], len(weeks))
    askers = draw.rng.choice(people, len(weeks))
    lasting = draw.lasting(hours, 0.8, len(weeks)) * HOUR
    withdrawn = draw.chance(0.01, len(weeks))
    regions = draw.rng.choice(["north", "south", "west"], len(weeks))
    # a region of four people: too few for a figure of its own
    regions = np.where(np.isin(askers, people[:4]), "islands", regions)
    questions = task(
        draw,
        "insight-portal",
        ("question.asked", "decision.made", "question.withdrawn"),
        asked,
        lasting,
        cancelled=withdrawn,
        actors=askers,
        segments=regions,
        start_data={"domain": domains},
    )
    # two of three decisions are held against their criteria, within days
    draw.emit(
        "insight-portal",
        "decision.reviewed",
        asked + lasting + draw.rng.uniform(0.5, 4, len(weeks)) * DAY,
        questions,
        data={"correct": draw.chance(0.86, len(weeks))},
        keep=draw.chance(0.66, len(weeks)) & ~withdrawn,
    )
    clarified = draw.weeks(0.5 * 70)
    draw.emit(
        "insight-portal",
        "clarification.asked",
        draw.moments(clarified, OFFICE),
        actors=draw.rng.choice(people, len(clarified)),
    )


def newsroom_cms(draw: Draw) -> None:
    """Story: a review step is dropped in week 43; pages go live sooner and are mended more."""
    editors = draw.people(40)
    weeks = draw.weeks(85)
    hours = stepped(62, 38, 43)[weeks - 1]
    task(
        draw,
        "newsroom-editor",
        ("draft.created", "content.published", "draft.discarded"),
        draw.moments(weeks, OFFICE),
        draw.lasting(hours, 0.8, len(weeks)) * HOUR,
        cancelled=draw.chance(0.015, len(weeks)),
        actors=draw.rng.choice(editors, len(weeks)),
        segments=draw.rng.choice(["prices", "recipes", "company"], len(weeks)),
    )
    # pages are retracted now and then; one that the law requires was, long ago
    retracted = np.sort(np.append(draw.weeks(1.5), 20))
    is_required = np.zeros(len(retracted), bool)
    is_required[np.searchsorted(retracted, 20)] = True
    draw.emit(
        "newsroom-editor",
        "page.retracted",
        draw.moments(retracted, OFFICE),
        data={"is_legally_required": is_required},
    )
    _time_entries(draw, editors[:26])


def _time_entries(draw: Draw, creators: np.ndarray) -> None:
    """Six entries a week of each creator, booked up to a day after the work."""
    weeks = np.repeat(np.arange(1, WEEKS + 1), 6 * len(creators))
    size = len(weeks)
    fixing = draw.chance(stepped(0.06, 0.14, 43)[weeks - 1], size)
    others = draw.rng.choice(["write", "edit", "picture"], size)
    worked = draw.moments(weeks, OFFICE)
    # two desks and a small one, which no figure may single out
    desks = np.repeat(["news", "food", "company"], [12, 11, len(creators) - 23])
    draw.emit(
        "newsroom-timesheets",
        "time_entry.logged",
        worked,
        actors=np.tile(np.repeat(creators, 6), WEEKS),
        segments=np.tile(np.repeat(desks, 6), WEEKS),
        data={
            "category": np.where(fixing, "fix_error", others),
            "minutes": np.round(draw.lasting(75, 0.5, size)).astype(int),
        },
        recorded=worked + draw.rng.uniform(0, 1, size) * DAY,
    )


def data_platform(draw: Draw) -> None:
    """Story: a search over certified datasets goes live in week 43."""
    analysts = draw.people(160)
    weeks = draw.weeks(65)
    opened = draw.moments(weeks, OFFICE)
    # of the clock and not drawn, so that it moves no other number
    is_new = np.floor(opened * 1000) % 100 < stepped(22, 14, 43)[weeks - 1]
    task(
        draw,
        "data-catalogue",
        ("dataset_request.opened", "dataset.read_succeeded", "dataset_request.withdrawn"),
        opened,
        draw.lasting(stepped(52, 28, 43)[weeks - 1], 0.8, len(weeks)) * HOUR,
        cancelled=draw.chance(0.01, len(weeks)),
        actors=draw.rng.choice(analysts, len(weeks)),
        segments=draw.rng.choice(["finance", "logistics", "marketing"], len(weeks)),
        start_data={"type": np.where(is_new, "new", "existing")},
    )
    datasets = np.array([f"dataset-{n:03d}" for n in range(120)])
    for event_type, mean in (
        ("dataset.delivered", 70),
        ("rerun.requested", 0.15 * 70),
        ("data_issue.reported", 5.5),
    ):
        numbers = draw.weeks(mean)
        subjects = draw.names("delivery", len(numbers))
        if event_type == "data_issue.reported":
            subjects = draw.rng.choice(datasets, len(numbers)).tolist()
        draw.emit("data-catalogue", event_type, draw.moments(numbers, OFFICE), subjects)
    reads = draw.weeks(200)
    draw.emit(
        "data-warehouse-access",
        "dataset.read",
        draw.moments(reads, OFFICE),
        draw.rng.choice(datasets, len(reads)).tolist(),
        actors=draw.rng.choice(analysts, len(reads)),
        path="api",
    )
    grants = np.sort(np.append(draw.weeks(30), 12))
    approved = np.ones(len(grants), bool)
    approved[np.searchsorted(grants, 12)] = False  # one slip, long ago
    draw.emit(
        "data-warehouse-access",
        "access.granted",
        draw.moments(grants, OFFICE),
        draw.rng.choice(datasets, len(grants)).tolist(),
        data={"is_owner_approved": approved},
    )
    _iterations(draw)


def _iterations(draw: Draw) -> None:
    """24 items are committed on the Monday of every second week; four of five are done in it."""
    weeks = np.repeat(np.arange(1, WEEKS + 1, 2), 24)
    size = len(weeks)
    mornings = np.array([draw.calendar.day_start(int(week), 0) for week in weeks]) + 10 * HOUR
    in_time = draw.chance(0.8, size)
    lasting = np.where(in_time, draw.rng.uniform(0.5, 13.9, size), draw.rng.uniform(14.5, 26, size))
    task(
        draw,
        "data-platform-board",
        ("workitem.committed", "workitem.delivered", None),
        mornings + draw.rng.uniform(0, HOUR, size),
        lasting * DAY,
    )
