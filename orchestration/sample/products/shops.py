"""Tills and checkout: stores, their receipts and their payments."""

import numpy as np

from orchestration.sample.calendar import ALWAYS, HOUR, SHOP, WEEKS
from orchestration.sample.draw import Draw, stepped

STORES = 40
DOUBLE_WEEKS = (56, 57, 58, 59, 60)
"""Weeks in which a new client reports a part of the journeys on a second path as well."""


def tills(draw: Draw) -> None:
    """Story: a prompt proposes quantities from week 44 on; no faster, but more corrections."""
    stores = np.array([f"store-{n:02d}" for n in range(1, STORES + 1)])
    days = np.flatnonzero(np.arange(7 * WEEKS) % 7 != 6)
    day = np.repeat(days, STORES)
    store = np.tile(np.arange(STORES), len(days))
    size = len(day)
    pace = draw.lasting(22.0, 0.08, STORES)[store] * draw.lasting(1.0, 0.08, size)
    lines = draw.rng.poisson(draw.lasting(900.0, 0.3, STORES)[store] * draw.lasting(1.0, 0.1, size))
    items = draw.rng.poisson(1.9 * lines)
    level = stepped(0.05, 0.065, 44)[day // 7]
    habit = draw.lasting(1.0, 0.15, STORES)[store]
    corrected = draw.rng.binomial(lines, level * habit * draw.lasting(1.0, 0.15, size))
    closed = draw.calendar.midnights[day] + 20 * HOUR + draw.rng.uniform(0, HOUR, size)
    draw.emit(
        "till-sessions",
        "scan_session.closed",
        closed,
        actors=stores[store],
        actor_kind="service",
        path="api",
        segments=np.array(["north", "south"])[store % 2],
        data={
            "items": items,
            "lines": lines,
            "corrected_lines": corrected,
            "active_minutes": np.round(items / pace, 1),
        },
    )
    counted = draw.weeks(30)
    checked = draw.rng.integers(150, 400, len(counted))
    draw.emit(
        "store-counts",
        "stock.counted",
        draw.moments(counted, SHOP),
        actors=draw.rng.choice(stores, len(counted)),
        actor_kind="service",
        path="import",
        data={"lines": checked, "different_lines": draw.rng.binomial(checked, 0.004)},
    )


def checkout(draw: Draw) -> None:
    """Story: `untrusted`. Journeys are reported by page and by interface in the last weeks."""
    weeks = draw.weeks(45 * 7)
    size = len(weeks)
    started = draw.moments(weeks, ALWAYS)
    journeys = draw.names("journey", size)
    visitors = draw.names("visitor", size)
    done = draw.chance(0.62, size)
    paid_at = started + draw.lasting(6, 0.6, size) * 60
    shared = {"actors": visitors, "correlations": journeys, "environment": "production"}
    draw.emit("checkout-web", "journey.started", started, journeys, **shared)
    draw.emit("checkout-web", "journey.completed", paid_at, journeys, keep=done, **shared)
    # one in eight comes again on the other path, a second later and under another id
    draw.emit(
        "checkout-web",
        "journey.started",
        started + draw.rng.uniform(0.3, 2.5, size),
        journeys,
        path="api",
        keep=np.isin(weeks, DOUBLE_WEEKS) & draw.chance(0.12, size),
        **shared,
    )
    _payments(draw)


def _payments(draw: Draw) -> None:
    shops = np.array([f"shop-{n:02d}" for n in range(1, 61)])
    tried = draw.weeks(115 * 7)
    draw.emit(
        "payment-provider",
        "payment.attempted",
        draw.moments(tried, ALWAYS),
        actor_kind="service",
        path="webhook",
        data={"is_failed": draw.chance(0.0025, len(tried))},
    )
    paid = draw.weeks(22 * 7)
    draw.emit(
        "payment-provider",
        "order.paid",
        draw.moments(paid, ALWAYS),
        actors=draw.rng.choice(shops, len(paid)),
        actor_kind="service",
        path="webhook",
        data={"amount": np.round(draw.lasting(54, 0.5, len(paid)), 2)},
    )
