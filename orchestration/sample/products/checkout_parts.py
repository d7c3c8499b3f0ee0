"""What lies underneath the checkout: attempts, failures, interruptions and what buyers do next."""

from typing import Any

import numpy as np

from orchestration.sample.calendar import ALWAYS, HOUR
from orchestration.sample.draw import Draw
from orchestration.sample.products.substrate import incidents

STEPS = ("basket", "address", "payment", "confirmed")
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
    shared: dict[str, Any] = {"actor_kind": "service", "path": "api", "environment": "production"}
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


def checkout_steps(draw: Draw) -> None:
    """One basket in a thousand is followed through its steps: some go back, some skip one."""
    weeks = draw.weeks(8)
    size = len(weeks)
    at = draw.moments(weeks, ALWAYS)
    baskets = draw.names("basket", size)
    goes_on = np.ones(size, bool)
    # who pays by a wallet gives no address, and so does not take the steps in order
    by_wallet = draw.chance(0.12, size)
    for step, share in zip(STEPS, (1.0, 0.84, 0.8, 0.88), strict=True):
        goes_on = goes_on & draw.chance(share, size)
        keep = goes_on & ~by_wallet if step == "address" else goes_on
        again = keep & draw.chance(0.15, size)
        for minutes, is_there in ((0, keep), (draw.rng.uniform(1, 90, size), again)):
            draw.emit(
                "checkout-steps",
                "step.entered",
                at + 60 * minutes,
                baskets,
                actor_kind="service",
                environment="production",
                data={"step": [step] * size},
                keep=is_there,
            )
        at = at + draw.lasting(4, 0.7, size) * 60


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
