"""Work tracker: items, iterations, merge requests and the stories behind them."""

from datetime import date

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, OFFICE, OFFICE_HOURS, WEEKS, Pattern
from orchestration.sample.draw import Draw

TRACKER = "work-tracker"
CODE_HOST = "code-host"
TEAMS = ("harbour", "meadow")
MEMBERS = 16
WORKDAYS = Pattern((1, 1, 1, 1, 1, 0, 0), OFFICE_HOURS)
BLOCKERS = np.array(["environment", "access", "another team", "decision", "flaky test", None])
BLOCKER_SHARES = (0.3, 0.2, 0.18, 0.12, 0.1, 0.1)
FORTNIGHTS_FROM = date(2024, 1, 1)


def work_tracker(draw: Draw) -> None:
    """Two teams of eight in fortnightly iterations."""
    members = draw.people(MEMBERS)
    _iterations(draw, members)
    _merge_requests(draw, members)
    _features_and_milestones(draw)
    _user_stories(draw, members)
    for kind, mean in (("ticket.closed", 6), ("changelog.item_added", 4)):
        at = draw.moments(draw.weeks(mean), OFFICE)
        draw.emit(TRACKER, kind, at, actors=draw.rng.choice(members, len(at)))


def _iterations(draw: Draw, members: np.ndarray) -> None:
    """Emit what happens to the items of each team's iterations; what isn't done goes on."""
    # an iteration is a fortnight as the method counts them
    first = 3 - (draw.calendar.first_monday - FORTNIGHTS_FROM).days // 7 % 2
    for number, team in enumerate(TEAMS):
        mates = members[number::2]
        carried: list[str] = []
        for week in range(first, WEEKS, 2):
            opens = draw.calendar.day_start(week, 0) + 9.5 * HOUR + number * HOUR
            closes = draw.calendar.day_start(week + 1, 4) + 15 * HOUR
            span = (opens, closes)
            iteration = f"{team}-{(week - first) // 2 + 1:02d}"
            for kind, at in (("started", opens), ("ended", closes)):
                draw.emit(TRACKER, f"iteration.{kind}", np.array([at]), [iteration],
                          segments=[team])  # fmt: skip
            carried = _work(draw, span, iteration, team, mates, carried)


def _work(
    draw: Draw,
    span: tuple[float, float],
    iteration: str,
    team: str,
    mates: np.ndarray,
    carried: list[str],
) -> list[str]:
    """Emit one iteration's items, the carried ones first, and return those to carry on."""
    opens, closes = span
    old, planned, late = len(carried), int(draw.rng.poisson(6)), int(draw.rng.poisson(1.3))
    size = old + planned + late
    items = [*carried, *draw.names("item", planned + late)]
    is_new, is_added = np.arange(size) >= old, np.arange(size) >= old + planned
    shared = {"actors": draw.rng.choice(mates, size), "segments": [team] * size}
    added = _at_work(draw, opens + draw.rng.uniform(0.5, 8, size) * DAY)
    committed = np.where(is_added, added, opens - draw.rng.uniform(0.1, 1.2, size) * HOUR)
    created = _at_work(draw, committed - draw.rng.uniform(0.2, 11, size) * DAY)
    draw.emit(TRACKER, "workitem.created", np.minimum(created, committed), items, keep=is_new,
              **shared)  # fmt: skip
    scope = {"iteration_id": [iteration] * size}
    draw.emit(TRACKER, "workitem.committed", committed, items, data=scope, **shared)
    is_withdrawn = draw.chance(0.05, size) & ~is_added
    draw.emit(TRACKER, "workitem.withdrawn",
              _at_work(draw, opens + draw.rng.uniform(2, 8, size) * DAY), items, data=scope,
              keep=is_withdrawn, **shared)  # fmt: skip
    begun = _at_work(draw, np.maximum(committed, opens) + draw.rng.uniform(0.02, 7, size) * DAY)
    asked = _blocked(draw, begun, items, shared)
    steps = _steps(draw, begun, asked)
    done = steps[-1][2]
    delivered = done + draw.rng.uniform(0.2, 3, size) * HOUR
    deployed = _at_work(draw, delivered + draw.rng.uniform(0.05, 2, size) * DAY)
    # what isn't done goes on into the next iteration, and through its steps there
    is_done = (delivered <= closes) & ~is_withdrawn
    for before, after, at, goes_there in steps:
        status = {"from_status": [before] * size, "to_status": [after] * size}
        draw.emit(TRACKER, "workitem.status_changed", at, items, data=status,
                  keep=is_done & goes_there, **shared)  # fmt: skip
    draw.emit(TRACKER, "workitem.completed", done, items, keep=is_done, **shared)
    draw.emit(TRACKER, "workitem.delivered", delivered, items, keep=is_done, **shared)
    draw.emit(TRACKER, "workitem.deployed", deployed, items, keep=is_done, **shared)
    _reopened(draw, deployed, items, is_done, shared)
    return [item for item, done_now in zip(items, is_done, strict=True) if not done_now]


def _blocked(draw: Draw, begun: np.ndarray, items: list[str], shared: dict) -> np.ndarray:
    """Emit the blockages of a quarter of the items, and return when each asks for its review."""
    size = len(items)
    is_blocked = draw.chance(0.25, size)
    at = _at_work(draw, begun + draw.rng.uniform(0.1, 1, size) * DAY)
    freed = _at_work(draw, at + draw.lasting(0.9, 0.8, size) * DAY)
    reasons = {"reason": draw.rng.choice(BLOCKERS, size, p=BLOCKER_SHARES)}
    draw.emit(TRACKER, "workitem.blocked", at, items, data=reasons, keep=is_blocked, **shared)
    draw.emit(TRACKER, "workitem.unblocked", freed, items, keep=is_blocked, **shared)
    asked = begun + draw.lasting(1.6, 0.6, size) * DAY
    return _at_work(draw, np.where(is_blocked, np.maximum(asked, freed + HOUR), asked))


def _steps(
    draw: Draw, begun: np.ndarray, asked: np.ndarray
) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Return changes of status: from, to, when, and whether; one in six goes back from review."""
    size = len(begun)
    back = _at_work(draw, asked + draw.lasting(5, 0.7, size) * HOUR)
    again = _at_work(draw, back + draw.lasting(4, 0.6, size) * HOUR)
    goes_back = draw.chance(1 / 6, size)
    done = np.where(goes_back, again, asked) + draw.lasting(5, 0.7, size) * HOUR
    always = np.full(size, True)
    return [
        ("to_do", "in_progress", begun, always),
        ("in_progress", "in_review", asked, always),
        ("in_review", "in_progress", back, goes_back),
        ("in_progress", "in_review", again, goes_back),
        ("in_review", "done", _at_work(draw, done), always),
    ]


def _reopened(
    draw: Draw, deployed: np.ndarray, items: list[str], is_done: np.ndarray, shared: dict
) -> None:
    size = len(items)
    reopened = _at_work(draw, deployed + draw.rng.uniform(0.5, 9, size) * DAY)
    keep = is_done & draw.chance(0.06, size)
    draw.emit(TRACKER, "workitem.reopened", reopened, items, keep=keep, **shared)
    mended = _at_work(draw, reopened + draw.rng.uniform(0.2, 3, size) * DAY)
    draw.emit(TRACKER, "workitem.deployed", mended, items, keep=keep, **shared)


def _merge_requests(draw: Draw, members: np.ndarray) -> None:
    """Emit merges, their sizes, the defects found in them, and who was a member for how long."""
    weeks = draw.weeks(8)
    merged = draw.moments(weeks, OFFICE)
    size = len(merged)
    requests = draw.names("merge", size)
    authors = draw.rng.choice(members, size)
    draw.emit(CODE_HOST, "merge_request.merged", merged, requests, actors=authors)
    lines = {"lines": draw.lasting(120, 1.1, size).astype(int) + 1}
    draw.emit(CODE_HOST, "mr.size", merged + 60, requests, actor_kind="service", path="api",
              data=lines)  # fmt: skip
    found = merged + draw.rng.uniform(1, 20, size) * DAY
    draw.emit(CODE_HOST, "defect.found", found, requests, keep=draw.chance(0.12, size))
    # two members come in the middle of a week
    joining = np.zeros((WEEKS, MEMBERS))
    joining[:, 12], joining[:, 15] = 14.4, 30.6
    days = np.clip((np.arange(1, WEEKS + 1)[:, None] - joining) * 7, 0, 7)
    spots = np.argwhere(days > 0)
    active = draw.moments(spots[:, 0] + 1, WORKDAYS)
    person_months = {"person_months": np.round(days[days > 0] / 30, 6)}
    draw.emit(CODE_HOST, "team.member_active", active, actors=members[spots[:, 1]],
              data=person_months)  # fmt: skip


def _features_and_milestones(draw: Draw) -> None:
    """Emit ideas to first use, and milestones with the date they were promised for."""
    ideated = draw.moments(draw.weeks(2), OFFICE)
    size = len(ideated)
    features = draw.names("feature", size)
    shipped = _at_work(draw, ideated + draw.lasting(38, 0.5, size) * DAY)
    # what would ship after the last week is moved into it: not before the idea of it
    is_shipped = draw.chance(0.9, size) & (shipped > ideated)
    is_used = draw.chance(0.93, size)
    used = shipped + draw.lasting(4, 0.9, size) * DAY
    draw.emit(TRACKER, "feature.ideated", ideated, features)
    draw.emit(TRACKER, "feature.shipped", shipped, features, keep=is_shipped)
    draw.emit(TRACKER, "feature.first_used", used, features, keep=is_shipped & is_used)
    promised = draw.moments(draw.weeks(2, first=3), OFFICE)
    size = len(promised)
    milestones = draw.names("milestone", size)
    due = _at_work(draw, promised + draw.rng.uniform(10, 40, size) * DAY)
    reached = _at_work(draw, due + draw.rng.normal(-1, 4, size) * DAY)
    texts = [f"{text}Z" for text in due.astype("datetime64[s]").astype(str).tolist()]
    draw.emit(TRACKER, "milestone.committed", promised, milestones, data={"due": texts})
    draw.emit(TRACKER, "milestone.delivered", np.maximum(reached, promised + HOUR), milestones,
              keep=draw.chance(0.96, size))  # fmt: skip


def _user_stories(draw: Draw, members: np.ndarray) -> None:
    """Emit user stories, the events that were put in for them, and who tested them."""
    old = draw.moments(np.repeat(np.arange(1, 5), 9), OFFICE)
    defined = np.concatenate([old, draw.moments(draw.weeks(0.5, first=5), OFFICE)])
    size = len(defined)
    stories = np.array(draw.names("story", size))
    draw.emit(TRACKER, "story.defined", defined, stories.tolist())
    live = _at_work(draw, defined + draw.lasting(50, 0.9, size) * DAY)
    retired = _at_work(draw, live + draw.rng.uniform(60, 300, size) * DAY)
    draw.emit(TRACKER, "story.retired", retired, stories.tolist(), keep=draw.chance(0.2, size))
    draw.emit(TRACKER, "event.instrumented", live, stories.tolist(), keep=draw.chance(0.9, size))
    weeks = draw.weeks(9, first=5)
    tested = draw.moments(weeks, OFFICE)
    # some members test often, some hardly ever; whoever isn't there yet tests nothing
    eager = draw.rng.dirichlet(np.full(12, 1.2))
    testers = draw.rng.choice(members[:12], len(weeks), p=eager)
    latest = np.maximum(np.searchsorted(np.sort(defined), tested) - 1, 0)
    chosen = np.argsort(defined)[(draw.rng.random(len(weeks)) * (latest + 1)).astype(int)]
    draw.emit(TRACKER, "story.tested", tested, stories[chosen].tolist(), actors=testers)


def _at_work(draw: Draw, at: np.ndarray) -> np.ndarray:
    """Move what falls into a night or a weekend to the next working morning, UTC seconds."""
    midnights = draw.calendar.midnights
    day = np.clip(np.searchsorted(midnights, at, side="right") - 1, 0, len(midnights) - 8)
    within = at - midnights[day]
    is_late = within > 17.5 * HOUR
    day = day + is_late
    weekend = np.where(day % 7 == 5, 2, np.where(day % 7 == 6, 1, 0))
    morning = midnights[day + weekend] + (8.6 + draw.rng.random(len(at)) * 1.5) * HOUR
    return np.where(is_late | (weekend > 0) | (within < 8.5 * HOUR), morning, at)
