"""What lies underneath the checkout: attempts, failures, interruptions and what buyers do next."""

import numpy as np

from orchestration.sample.calendar import ALWAYS, HOUR
from orchestration.sample.draw import Draw
from orchestration.sample.products.substrate import incidents

SHOPS = 60
"""The shops of the checkout's story, under the names that they have there."""


def checkout_technology(draw: Draw) -> None:
    """Nothing is planted: attempts of a sampled hour, failed payments, and a few interruptions."""
    weeks = draw.weeks(20)
    size = len(weeks)
    attempted = draw.moments(weeks, ALWAYS)
    attempts = draw.names("attempt", size)
    latency = np.round(420 * draw.lasting(1.0, 0.55, size))
    is_failed = draw.chance(0.015, size)
    shared = {"actor_kind": "service", "path": "api", "environment": "production"}
    draw.emit("checkout-engine", "checkout.attempted", attempted, attempts, **shared)
    # a client that gets no answer asks again under the same attempt
    draw.emit(
        "checkout-engine",
        "checkout.attempted",
        attempted + draw.rng.uniform(8, 25, size),
        attempts,
        keep=draw.chance(0.03, size),
        **shared,
    )
    draw.emit(
        "checkout-engine",
        "checkout.served",
        attempted + latency / 1000,
        attempts,
        data={"latency_ms": latency},
        keep=~is_failed,
        **shared,
    )
    draw.emit(
        "checkout-engine",
        "checkout.failed",
        attempted + latency / 1000,
        attempts,
        keep=is_failed,
        **shared,
    )
    draw.emit(
        "checkout-engine",
        "shipping_quote.failed",
        attempted + draw.rng.uniform(0.2, 3, size),
        attempts,
        keep=draw.chance(0.02, size),
        **shared,
    )
    _failed_payments(draw)
    incidents(draw, "checkout-incidents", 0.5)


def _failed_payments(draw: Draw) -> None:
    """Payments that failed in the end, by shop: what a shop orders afterwards is in its orders."""
    weeks = draw.weeks(3)
    shops = np.array([f"shop-{n:02d}" for n in range(1, SHOPS + 1)])
    draw.emit(
        "payment-failures",
        "payment.failed",
        draw.moments(weeks, ALWAYS) + draw.rng.uniform(0, HOUR, len(weeks)),
        actors=draw.rng.choice(shops, len(weeks)),
        actor_kind="service",
        path="webhook",
    )
