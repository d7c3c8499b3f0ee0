"""What every page stands on: loading, latency, crashes, clicks, accounts, defects, incidents."""

import numpy as np

from orchestration.sample.calendar import ALWAYS, DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import task

ROOT_CAUSES = ("configuration", "deployment", "dependency", "capacity", "certificate", "hardware")
CAUSE_SHARES = (0.27, 0.22, 0.19, 0.12, 0.07, 0.13)
AVOIDABLE_SHARES = (0.8, 0.7, 0.2, 0.5, 0.95, 0.05)
"""How often a review calls an incident of that cause avoidable."""


def substrate(draw: Draw) -> None:
    """Nothing is planted but faster pages from week 38 on: one stream serves several metrics."""
    _requests(draw)
    _pages(draw)
    _boots(draw)
    _actions(draw)
    _clicks(draw)
    _scans(draw)
    _accounts(draw)
    _set_ups(draw)
    _defects(draw)
    incidents(draw, "substrate-incidents", 1.2)


def incidents(draw: Draw, source_id: str, weekly: float) -> None:
    """Interruptions around the clock; the review names a cause for five in six of them."""
    weeks = draw.weeks(weekly)
    size = len(weeks)
    started = np.sort(draw.moments(weeks, ALWAYS))
    cause = draw.rng.choice(len(ROOT_CAUSES), size, p=CAUSE_SHARES)
    is_avoidable = draw.chance(np.array(AVOIDABLE_SHARES)[cause], size)
    is_known = draw.chance(0.84, size)
    names = draw.names("incident", size)
    shared = {"environment": "production", "correlations": names}
    draw.emit(
        source_id,
        "incident.started",
        started,
        names,
        actor_kind="service",
        path="webhook",
        data={
            "detected_by": np.where(draw.chance(0.15, size), "user", "monitoring"),
            "root_cause": [
                ROOT_CAUSES[n] if known else None for n, known in zip(cause, is_known, strict=True)
            ],
            "is_avoidable": [
                bool(avoidable) if known else None
                for avoidable, known in zip(is_avoidable, is_known, strict=True)
            ],
        },
        **shared,
    )
    ended = started + draw.lasting(50, 0.8, size) * 60
    draw.emit(source_id, "incident.resolved", ended, names, **shared)


def _requests(draw: Draw) -> None:
    """A sample of the requests that the gateway serves, by kind of endpoint."""
    weeks = draw.weeks(25)
    size = len(weeks)
    kind = draw.rng.choice(3, size, p=(0.5, 0.3, 0.2))
    usual = np.array([95.0, 180.0, 320.0])[kind]
    is_ok = ~draw.chance(0.006, size)
    draw.emit(
        "substrate-gateway",
        "request.served",
        draw.moments(weeks, OFFICE),
        actor_kind="service",
        path="api",
        environment="production",
        data={
            "endpoint_kind": np.array(["api", "page", "search"])[kind],
            "latency_ms": np.round(usual * draw.lasting(1.0, 0.6, size)),
            "is_ok": is_ok,
        },
    )


def _pages(draw: Draw) -> None:
    weeks = draw.weeks(18)
    size = len(weeks)
    usual = stepped(1450.0, 1180.0, 38)[weeks - 1]
    draw.emit(
        "substrate-client",
        "page.loaded",
        draw.moments(weeks, OFFICE),
        actor_kind="service",
        data={"duration_ms": np.round(usual * draw.lasting(1.0, 0.55, size))},
    )


def _boots(draw: Draw) -> None:
    """A session begins with a cold or a warm start; one in forty ends in a crash."""
    weeks = draw.weeks(14)
    size = len(weeks)
    started = draw.moments(weeks, OFFICE)
    sessions = draw.names("session", size)
    is_cold = draw.chance(0.45, size)
    usual = np.where(is_cold, 2600.0, 620.0)
    draw.emit(
        "substrate-client",
        "app.started",
        started,
        sessions,
        actor_kind="service",
        data={
            "start_kind": np.where(is_cold, "cold", "warm"),
            "duration_ms": np.round(usual * draw.lasting(1.0, 0.45, size)),
        },
    )
    draw.emit(
        "substrate-client",
        "app.crashed",
        started + draw.rng.uniform(1, 55, size) * 60,
        sessions,
        actor_kind="service",
        data={"is_out_of_memory": draw.chance(0.3, size)},
        keep=draw.chance(0.025, size),
    )


def _actions(draw: Draw) -> None:
    """Critical actions, interactions with the page, and clicks on the way to common actions."""
    for event_type, weekly, usual in (
        ("action.done", 12, 850.0),
        ("ui.interaction", 12, 110.0),
    ):
        weeks = draw.weeks(weekly)
        size = len(weeks)
        draw.emit(
            "substrate-client",
            event_type,
            draw.moments(weeks, OFFICE),
            actor_kind="service",
            data={"duration_ms": np.round(usual * draw.lasting(1.0, 0.6, size))},
        )
    weeks = draw.weeks(8)
    draw.emit(
        "substrate-client",
        "nav.click",
        draw.moments(weeks, OFFICE),
        actor_kind="service",
        data={
            "action": draw.rng.choice(["add_member", "rotate_key", "export_audit"], len(weeks)),
            "click_count": 2 + draw.rng.poisson(2.1, len(weeks)),
        },
    )


def _clicks(draw: Draw) -> None:
    weeks = draw.weeks(10)
    draw.emit(
        "substrate-client",
        "ui.clicked",
        draw.moments(weeks, OFFICE),
        actor_kind="service",
        data={"is_dead": draw.chance(0.07, len(weeks))},
    )


def _scans(draw: Draw) -> None:
    """Once a week: screens built of the design system, and lines that stand in the code twice."""
    at = draw.calendar.midnights[:-1:7] + 4 * HOUR + draw.rng.uniform(0, 900, WEEKS)
    numbers = np.arange(WEEKS)
    screens = 140 + numbers // 4
    system = draw.rng.binomial(screens, np.linspace(0.52, 0.66, WEEKS))
    draw.emit(
        "substrate-scanner",
        "screens.scanned",
        at,
        [f"screens-{n + 1}" for n in numbers.tolist()],
        actor_kind="service",
        path="api",
        data={"screens": screens, "design_system_screens": system},
    )
    for name, lines in (("web", 84_000), ("services", 121_000)):
        total = lines + np.cumsum(draw.rng.integers(50, 600, WEEKS))
        draw.emit(
            "substrate-scanner",
            "code.scanned",
            at + draw.rng.uniform(60, 900, WEEKS),
            [name] * WEEKS,
            actor_kind="service",
            path="api",
            data={"lines": total, "duplicate_lines": draw.rng.binomial(total, 0.041)},
        )


def _accounts(draw: Draw) -> None:
    """Accounts with and without a second factor, and those that somebody else got into."""
    at = draw.calendar.midnights[:-1:7] + 5 * HOUR + draw.rng.uniform(0, 900, WEEKS)
    without = np.round(np.linspace(5200, 3100, WEEKS) + draw.rng.normal(0, 40, WEEKS))
    draw.emit(
        "substrate-accounts",
        "accounts.counted",
        at,
        [f"accounts-{week}" for week in range(1, WEEKS + 1)],
        actor_kind="service",
        path="api",
        data={"accounts_without_2fa": without.astype(int)},
    )
    # not so rare that chance alone makes a pause of months
    weeks = draw.weeks(1.8 * without / 4000)
    draw.emit(
        "substrate-accounts",
        "account.taken_over",
        draw.moments(weeks, ALWAYS),
        actor_kind="service",
        path="webhook",
        data={"had_2fa": draw.chance(0.12, len(weeks))},
    )


def _set_ups(draw: Draw) -> None:
    """Setting up a second factor: two steps and the goal, each reached by fewer."""
    weeks = draw.weeks(5)
    size = len(weeks)
    at = draw.moments(weeks, OFFICE)
    journeys = draw.names("setup", size)
    keep = np.ones(size, bool)
    for number, share in ((1, 1.0), (2, 0.78)):
        at = at + draw.lasting(90, 0.5, size)
        keep = keep & draw.chance(share, size)
        draw.emit(
            "substrate-client",
            "step.entered",
            at,
            journeys,
            actor_kind="service",
            data={"step": [number] * size, "journey": ["second_factor"] * size},
            keep=keep,
        )
    draw.emit(
        "substrate-client",
        "goal.reached",
        at + draw.lasting(150, 0.7, size),
        journeys,
        actor_kind="service",
        keep=keep & draw.chance(0.86, size),
    )


def _defects(draw: Draw) -> None:
    """Defects found and mended within days or weeks, and tickets that support passes on."""
    weeks = draw.weeks(2.2)
    size = len(weeks)
    task(
        draw,
        "substrate-tracker",
        ("defect.found", "defect.fixed", None),
        draw.moments(weeks, OFFICE),
        draw.lasting(9, 0.9, size) * DAY,
        start_data={
            "board": ["substrate"] * size,
            "severity": draw.rng.choice(["low", "medium", "high"], size, p=(0.4, 0.45, 0.15)),
        },
    )
    weeks = draw.weeks(1.6)
    draw.emit(
        "substrate-tracker",
        "ticket.escalated",
        draw.moments(weeks, OFFICE),
        data={"to": draw.rng.choice(["engineering", "vendor"], len(weeks), p=(0.8, 0.2))},
    )
