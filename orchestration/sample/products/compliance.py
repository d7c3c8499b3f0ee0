"""Privacy desk, vulnerability desk and HR compliance: what the law or the attacker asks for."""

import numpy as np

from orchestration.sample.calendar import DAY, EVERY_DAY, OFFICE, OFFICE_HOURS, WEEKS, Pattern
from orchestration.sample.draw import Draw, stepped

JOINING = Pattern((1, 1, 1, 1, 1, 0, 0), OFFICE_HOURS)


def privacy_desk(draw: Draw) -> None:
    """Story: the largest system is connected in week 43; hands-on time falls, residues stay."""
    officers = draw.people(12)
    weeks = draw.weeks(80)
    size = len(weeks)
    requested = draw.moments(weeks, OFFICE)
    started = requested + draw.rng.uniform(1, 6, size) * DAY
    minutes = draw.lasting(stepped(20, 7, 43)[weeks - 1], 0.5, size)
    completed = started + minutes * 60
    verified = completed + draw.rng.uniform(0.5, 3, size) * DAY
    requests = draw.names("erasure", size)
    officer = draw.rng.choice(officers, size)
    shared = {"actors": officer, "correlations": requests}
    residue = {"has_residue": draw.chance(0.003, size)}
    draw.emit("erasure-desk", "erasure.requested", requested, requests, correlations=requests)
    draw.emit("erasure-desk", "erasure.started", started, requests, **shared)
    draw.emit("erasure-desk", "erasure.completed", completed, requests, **shared)
    draw.emit("erasure-desk", "erasure.verified", verified, requests, data=residue)
    confirmed = verified + draw.rng.uniform(0.1, 2, size) * DAY
    draw.emit("erasure-desk", "erasure.confirmed", confirmed, requests, **shared)


def late_erasures(draw: Draw) -> None:
    """Now and then a request waits for a system that nobody knew of, beyond the legal month."""
    weeks = np.array([3, 12, 24, 33])
    size = len(weeks)
    requested = draw.moments(weeks, OFFICE)
    requests, officers = draw.names("erasure", size), draw.people(12)
    started = requested + draw.rng.uniform(31, 36, size) * DAY
    completed = started + draw.lasting(15, 0.5, size) * 60
    verified = completed + draw.rng.uniform(0.5, 3, size) * DAY
    shared = {"actors": draw.rng.choice(officers, size), "correlations": requests}
    desk, residue = "erasure-desk", {"has_residue": np.zeros(size, dtype=bool)}
    draw.emit(desk, "erasure.requested", requested, requests, correlations=requests)
    draw.emit(desk, "erasure.started", started, requests, **shared)
    draw.emit(desk, "erasure.completed", completed, requests, **shared)
    draw.emit(desk, "erasure.verified", verified, requests, data=residue)
    draw.emit(desk, "erasure.confirmed", verified + 0.5 * DAY, requests, **shared)


def vulnerability_desk(draw: Draw) -> None:
    """Story: roll-out becomes immediate in week 43; more is patched in time, more breaks."""
    weeks = draw.weeks(120)
    size = len(weeks)
    disclosed = draw.moments(weeks, Pattern(EVERY_DAY, OFFICE_HOURS))
    exploited = draw.chance(0.08, size)
    quick = draw.chance(stepped(0.68, 0.88, 43)[weeks - 1], size) | exploited
    age = np.where(quick, draw.rng.uniform(0.3, 6.5, size), draw.rng.uniform(8, 25, size))
    # what attackers use already is patched within five days, always
    age = np.where(exploited, draw.rng.uniform(0.2, 5, size), age)
    patched = disclosed + age * DAY
    pairs = draw.names("pair", size)
    instances = [f"instance-{n:08x}" for n in draw.rng.integers(1 << 32, size=size)]
    draw.emit(
        "patch-inventory",
        "vulnerability.disclosed",
        disclosed,
        pairs,
        actor_kind="service",
        path="import",
        correlations=pairs,
        data={"is_known_exploited": exploited},
    )
    draw.emit(
        "patch-inventory",
        "instance.patched",
        patched,
        pairs,
        actor_kind="service",
        path="api",
        correlations=pairs,
        data={"instance": instances},
    )
    draw.emit(
        "patch-inventory",
        "instance.failed",
        patched + draw.rng.uniform(0.02, 1.9, size) * DAY,
        instances,
        actor_kind="service",
        path="api",
        data={"instance": instances},
        keep=draw.chance(stepped(0.02, 0.07, 43)[weeks - 1], size),
    )


def hr_compliance(draw: Draw) -> None:
    """Story: `no_signal`. Shop staff come and go; their details are there within days."""
    staff = 390
    # the shops take in fourteen people a week; a third or so is without details on Sunday evening
    joining = np.repeat(np.arange(1, WEEKS + 1), 14)
    joined = np.concatenate(
        [
            np.full(staff, draw.calendar.day_start(1, 0)),
            np.sort(draw.moments(joining, JOINING)),
        ]
    )
    size = len(joined)
    people = [f"record-{n:012x}" for n in draw.rng.integers(1 << 48, size=size)]
    delay = draw.rng.uniform(0.5, 7.5, size) * DAY
    delay[:staff] = draw.rng.uniform(0.02, 0.4, staff) * DAY  # the roster's first import
    leavers, left = _leavers(draw, joined, staff)
    source = "hr-records"
    draw.emit(source, "employee.joined", joined, people, actor_kind="service", path="import")
    draw.emit(source, "required_info.submitted", joined + delay, people)
    # most corrections come of the yearly check, long after the 30 days that count
    soon = draw.chance(0.02, size)
    age = np.where(soon, draw.rng.uniform(1, 25, size), draw.rng.uniform(40, 200, size))
    draw.emit(
        source,
        "required_info.corrected",
        joined + delay + age * DAY,
        people,
        # what is found within a week was nothing but a placeholder
        data={"was_placeholder": age < 7},
        keep=soon | draw.chance(0.03, size),
    )
    draw.emit(
        source,
        "employee.left",
        left,
        [people[position] for position in leavers],
        actor_kind="service",
        path="import",
    )
    draw.alive(source, "records.alive")


def hr_helpers(draw: Draw) -> None:
    """Helpers of an agency come and go every fourth week; twice many come before their papers."""
    changes = np.arange(2, WEEKS + 1, 4)
    coming = np.where(changes == 30, 17, np.where(changes == 38, 11, 5 + draw.rng.poisson(3, 15)))
    weeks = np.concatenate([np.ones(60, int), np.repeat(changes, coming)])
    size = len(weeks)
    joined = draw.moments(weeks, JOINING)
    joined[:60] = draw.calendar.day_start(1, 0)
    people = [f"record-{n:012x}" for n in draw.rng.integers(1 << 48, size=size)]
    has_waited = np.isin(weeks, (30, 38))
    told = np.minimum(joined + draw.rng.uniform(0.02, 0.4, size) * DAY, joined + 9 * 3600)
    told = np.where(has_waited, draw.calendar.midnights[7 * weeks] + 1.5 * DAY, told)
    draw.emit("hr-records", "employee.joined", joined, people, actor_kind="service", path="import")
    draw.emit("hr-records", "required_info.submitted", told, people)
    # those who have been there longest go first, as many as the agency asks back
    leaving = np.repeat(changes[1:], 4 + draw.rng.poisson(3.5, len(changes) - 1))
    leaving = leaving[: size - int(coming[-1])]
    left = draw.moments(leaving, JOINING)
    gone = people[: len(left)]
    draw.emit("hr-records", "employee.left", left, gone, actor_kind="service", path="import")


def _leavers(draw: Draw, joined: np.ndarray, staff: int) -> tuple[np.ndarray, np.ndarray]:
    """Whoever joins takes over from one who leaves hours later, after at least five weeks."""
    here = list(range(staff))
    waiting: list[int] = []
    leavers, left = [], []
    for position in range(staff, len(joined)):
        while waiting and joined[waiting[0]] < joined[position] - 35 * DAY:
            here.append(waiting.pop(0))
        place = int(draw.rng.integers(len(here)))
        leavers.append(here[place])
        here[place] = here[-1]
        here.pop()
        waiting.append(position)
        left.append(joined[position] + draw.rng.uniform(1, 5) * 3600)
    return np.array(leavers, dtype=int), np.array(left)
