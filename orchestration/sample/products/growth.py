"""Products whose users may choose: a social platform, tools for developers, an event planner."""

import numpy as np

from orchestration.sample.calendar import DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import chosen, follow_up

FOUNDERS = 40
REGULARS = 30
CLUBS = ("running", "chess", "choir", "garden", "board games", "photography")


def social_platform(draw: Draw) -> None:
    """Newcomers try it and mostly leave; thirty regulars carry it. Week 33 brings a new feed."""
    numbers = np.arange(1, WEEKS + 1)
    joined = np.repeat(numbers, 5 + draw.rng.integers(0, 2, WEEKS))
    joined = np.concatenate([np.ones(FOUNDERS, int), joined])
    people = draw.people(len(joined))
    members = draw.names("member", len(joined))
    signed_up = draw.moments(joined, OFFICE)
    draw.emit("social-app", "user.signed_up", signed_up, members, actors=people)
    follow_up(
        draw, "social-app", "user.signed_off", signed_up, members, people, share=0.15, days=150
    )
    # the first five of a week always take part at once
    rank = np.arange(len(joined)) - np.searchsorted(joined, joined)
    draw.emit(
        "social-app",
        "user.activated_first",
        signed_up + 60 * draw.lasting(25.0, 0.5, len(joined)),
        members,
        actors=people,
        keep=(rank < 5) | draw.chance(0.3, len(joined)),
    )
    draw.emit(
        "social-app",
        "user.eligible",
        draw.calendar.midnights[:-1:7] + 5 * HOUR,
        [f"eligible-{week}" for week in numbers],
        actor_kind="service",
        path="api",
        data={"eligible_people": 300 + draw.rng.integers(-6, 7, WEEKS)},
    )
    _use(draw, joined, people, members)
    _answers(draw, joined, people)


def _use(draw: Draw, joined: np.ndarray, people: np.ndarray, members: list[str]) -> None:
    """Days of use, visits among them, clubs joined and activities attended."""
    age = np.arange(1, WEEKS + 1)[:, None] - joined[None, :]
    usual = np.where(np.arange(len(joined)) < REGULARS, 0.42, 0.004)
    often = np.where(age >= 0, usual[None, :] + 0.45 * 0.55 ** np.maximum(age, 0), 0)
    weeks, positions = np.nonzero(draw.rng.random(age.shape) < often)
    days = 1 + draw.rng.poisson(stepped(0.3, 0.5, 33)[weeks])
    weeks, positions = np.repeat(weeks, days), np.repeat(positions, days)
    at = draw.moments(weeks + 1, OFFICE)
    subjects = [members[position] for position in positions]
    draw.emit("social-app", "user.active", at, subjects, actors=people[positions])
    minutes = np.round(draw.lasting(stepped(9, 11, 33)[weeks], 0.6, len(at)), 1)
    draw.emit(
        "social-app",
        "session.ended",
        at + 60 * minutes,
        subjects,
        actors=people[positions],
        data={"minutes": minutes},
        keep=draw.chance(0.5, len(at)),
    )
    for event_type, share in (("user.joined_club", 0.05), ("activity.attended", 0.08)):
        draw.emit(
            "social-app",
            event_type,
            at + 120,
            subjects,
            actors=people[positions],
            data={"club": draw.rng.choice(CLUBS, len(at))},
            keep=draw.chance(share, len(at)),
        )


def _answers(draw: Draw, joined: np.ndarray, people: np.ndarray) -> None:
    """A survey asks others every week: would you tell a colleague, and how is the last roll-out?"""
    asked = 12 + draw.rng.integers(0, 3, WEEKS)
    positions = [
        draw.rng.choice(np.flatnonzero(joined <= week), size, replace=False)
        for week, size in enumerate(asked, start=1)
    ]
    weeks = np.repeat(np.arange(1, WEEKS + 1), asked)
    size = len(weeks)
    liking = draw.rng.normal(stepped(7.4, 8.0, 33)[weeks - 1], 2.0)
    likelihood = np.clip(np.round(liking), 0, 10).astype(int)
    # shares of nobody among so few are hidden: in every week somebody would tell and somebody not
    for mine in np.split(np.arange(size), np.cumsum(asked)[:-1]):
        most, least = mine[np.argmax(likelihood[mine])], mine[np.argmin(likelihood[mine])]
        likelihood[most], likelihood[least] = max(likelihood[most], 9), min(likelihood[least], 6)
    draw.emit(
        "social-survey",
        "survey.answered",
        draw.moments(weeks, OFFICE),
        actors=people[np.concatenate(positions)],
        data={
            "likelihood": likelihood,
            "satisfaction": np.clip(np.round(liking / 2 + draw.rng.normal(0, 0.6, size)), 1, 5),
            "rollout_sentiment": np.clip(
                np.round(liking / 2 - 0.3 + draw.rng.normal(0, 0.9, size)), 1, 5
            ),
        },
    )


def developer_tools(draw: Draw) -> None:
    """A guided start shortens the way to the first value from week 34 on."""
    created_weeks = np.concatenate([np.ones(12, int), draw.weeks(4.3)])
    size = len(created_weeks)
    created = draw.moments(created_weeks, OFFICE)
    accounts = draw.names("account", size)
    owners = draw.people(size)
    portal = "developer-portal"
    draw.emit(portal, "account.created", created, accounts, actors=owners)
    wait = stepped(6.5, 4.5, 34)[created_weeks - 1]
    follow_up(
        draw, portal, "value_moment.reached", created, accounts, owners, share=0.82, days=wait
    )
    lifetime = draw.lasting(160.0, 0.6, size) * DAY
    closes = draw.chance(0.3, size)
    closed = np.where(closes, created + lifetime, np.inf)
    draw.emit(portal, "account.closed", created + lifetime, accounts, actors=owners, keep=closes)
    connected = created + draw.lasting(16.0, 0.7, size) * DAY
    connects = draw.chance(0.5, size) & (connected < closed)
    draw.emit(portal, "integration.connected", connected, accounts, actors=owners, keep=connects)
    # an integration goes with its account, and one in seven before
    removed = np.minimum(connected + draw.lasting(120.0, 0.5, size) * DAY, closed)
    removes = connects & (draw.chance(1 / 7, size) | np.isclose(removed, closed)) & (removed < 4e9)
    draw.emit(portal, "integration.removed", removed, accounts, actors=owners, keep=removes)
    _settings(draw, created, accounts, owners)
    uses = _telemetry(draw, created, closed, accounts, owners)
    _colleagues(draw, *uses, accounts)


def _settings(draw: Draw, created: np.ndarray, accounts: list[str], owners: np.ndarray) -> None:
    """Most settings are altered in the first days; few accounts come back for more."""
    rows = np.repeat(np.arange(len(created)), draw.rng.poisson(0.9, len(created)))
    days = draw.rng.exponential(6.0, len(rows))
    draw.emit(
        "developer-portal",
        "setting.changed",
        created[rows] + days * DAY,
        [accounts[row] for row in rows],
        actors=owners[rows],
        data={
            "setting": draw.rng.choice(["region", "language", "alerts", "theme"], len(rows)),
            "days_since_created": np.floor(days).astype(int),
        },
    )


def _telemetry(
    draw: Draw,
    created: np.ndarray,
    closed: np.ndarray,
    accounts: list[str],
    owners: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Accounts at work, the feature that some of them use, and a launch that few notice.

    Returns when the feature was used and in which rows of the accounts.
    """
    telemetry, active, using = "sdk-telemetry", [], []
    for week in range(1, WEEKS + 1):
        start, end = draw.calendar.day_start(week, 0), draw.calendar.midnights[7 * week]
        is_open = np.flatnonzero((created < end) & (closed > start))
        count = min(len(is_open), 11 + int(draw.rng.integers(0, 3)))
        at_work = draw.rng.choice(is_open, count, replace=False)
        active += [(week, row) for row in at_work]
        using += [(week, row) for row in at_work[: 6 + int(draw.rng.integers(0, 3))]]
    for event_type, pairs in (("account.active", active), ("feature.used", using)):
        weeks, rows = np.array(pairs).T
        at = np.maximum(draw.moments(weeks, OFFICE), created[rows] + 60)
        names = [accounts[row] for row in rows]
        draw.emit(telemetry, event_type, at, names, actors=owners[rows])
    uses = at, rows
    weeks = draw.weeks(7.5)
    exposed = draw.moments(weeks, OFFICE)
    rows = draw.rng.integers(len(accounts), size=len(weeks))
    names, actors = [accounts[row] for row in rows], owners[rows]
    draw.emit(telemetry, "feature.exposed", exposed, names, actors=actors)
    tries = draw.chance(stepped(0.34, 0.44, 30)[weeks - 1], len(weeks))
    tried = exposed + draw.lasting(1.6, 0.8, len(weeks)) * DAY
    draw.emit(telemetry, "feature.tried", tried, names, actors=actors, keep=tries)
    for event_type, share, days in (("feature.used_again", 0.5, 4.0), ("goal.reached", 0.45, 2.5)):
        at = tried + draw.lasting(days, 0.6, len(weeks)) * DAY
        is_there = tries & draw.chance(share, len(weeks))
        draw.emit(telemetry, event_type, at, names, actors=actors, keep=is_there)
    for event_type, mean in (("app.installed", 5), ("sdk.installed", 1.5), ("api.called", 2)):
        weeks = draw.weeks(mean)
        draw.emit(
            telemetry, event_type, draw.moments(weeks, OFFICE), actors=chosen(draw, 80, len(weeks))
        )
    return uses


def _colleagues(draw: Draw, at: np.ndarray, rows: np.ndarray, accounts: list[str]) -> None:
    """An account has up to three users beside its owner; some of them use the feature as well."""
    people = draw.people(4 * len(accounts))
    size = len(rows)
    for number in range(1, 4):
        draw.emit(
            "sdk-telemetry",
            "feature.used",
            at + draw.rng.uniform(0.2, 6, size) * HOUR,
            [accounts[row] for row in rows],
            actors=people[len(accounts) * number + rows],
            # a small account has no third or fourth user
            keep=(rows % 4 >= number) & draw.chance(0.6, size),
        )


def planner_sessions(draw: Draw) -> None:
    """Sixteen sessions a week at the planner; one in twenty is never ended: the laptop was shut."""
    weeks = draw.weeks(16)
    size = len(weeks)
    started = draw.moments(weeks, OFFICE)
    minutes = np.round(draw.lasting(stepped(19, 16, 36)[weeks - 1], 0.7, size), 1)
    sessions = draw.names("session", size)
    people = chosen(draw, 30, size)
    draw.emit("planner-client", "session.started", started, sessions, actors=people)
    draw.emit(
        "planner-client",
        "session.ended",
        started + 60 * minutes,
        sessions,
        actors=people,
        data={"minutes": minutes},
        keep=~draw.chance(0.05, size),
    )


def event_planner(draw: Draw) -> None:
    """Who will come? Forecasts are off by a third at first and by a fifth in the end."""
    weeks = np.repeat(np.arange(1, WEEKS + 1), 3 + draw.rng.integers(0, 3, WEEKS))
    size = len(weeks)
    held = draw.moments(weeks, OFFICE)
    names = draw.names("event", size)
    visitors = np.maximum(np.round(draw.lasting(42, 0.5, size)), 3)
    error = np.linspace(0.38, 0.2, WEEKS)[weeks - 1]
    # a first guess two weeks before, for half of the events a better one two days before
    for days, factor, is_known in ((14, 1.0, True), (2, 0.6, draw.chance(0.5, size))):
        guess = visitors * np.exp(draw.rng.normal(0, error * factor))
        draw.emit(
            "event-planner",
            "forecast.made",
            held - days * DAY,
            names,
            actors=chosen(draw, 12, size),
            data={"visitors": np.round(guess).astype(int)},
            keep=is_known & (held - days * DAY > draw.calendar.midnights[0]),
        )
    draw.emit(
        "event-planner",
        "decision.made",
        held - DAY,
        names,
        actors=chosen(draw, 12, size),
        keep=draw.chance(0.4, size) & (held - DAY > draw.calendar.midnights[0]),
    )
    draw.emit(
        "event-planner",
        "actual.observed",
        held + 3 * HOUR,
        names,
        actor_kind="service",
        path="api",
        data={"visitors": visitors.astype(int)},
        # some lists of guests are lost
        keep=draw.chance(0.95, size),
    )
