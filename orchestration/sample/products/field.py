"""Out of the office: drivers and luggage, and the desks behind them."""

import numpy as np

from orchestration.sample.calendar import ALWAYS, DAY, HOUR, OFFICE, SHOP, WEEKS
from orchestration.sample.draw import Draw, stepped

DEPOTS = tuple(f"depot-{n}" for n in range(1, 7))


def driver_navigation(draw: Draw) -> None:
    """A navigation that orders the stops goes live in week 40 and saves a tenth of the miles."""
    weeks = draw.weeks(28)
    size = len(weeks)
    deliveries = draw.rng.integers(45, 96, size)
    baseline = np.round(deliveries * draw.lasting(0.92, 0.12, size), 1)
    miles = np.round(baseline * draw.lasting(stepped(0.99, 0.9, 40)[weeks - 1], 0.03, size), 1)
    draw.emit(
        "driver-navigation",
        "route.completed",
        draw.moments(weeks, SHOP),
        path="api",
        data={
            "deliveries": deliveries,
            "failed_deliveries": draw.rng.binomial(deliveries, 0.03),
            "miles": miles,
            "baseline_miles": baseline,
            "miles_saved": np.round(baseline - miles, 1),
            "minutes": np.round(deliveries * draw.lasting(4.6, 0.1, size)).astype(int),
            "is_over_driving_time": draw.chance(0.002, size),
        },
    )
    _fuel_prices(draw)
    _fleet_costs(draw)


def _fuel_prices(draw: Draw) -> None:
    """What a mile costs is set every Monday at five, from the price at the pump."""
    walk = 0.38 + np.cumsum(draw.rng.normal(0, 0.004, WEEKS))
    draw.emit(
        "fleet-ledger",
        "fuel_price.set",
        draw.calendar.midnights[:-1:7] + 5 * HOUR + draw.rng.uniform(0, 60, WEEKS),
        [f"price-{week}" for week in range(1, WEEKS + 1)],
        actor_kind="service",
        path="import",
        data={"cost_per_mile": np.round(walk, 3)},
    )


def _fleet_costs(draw: Draw) -> None:
    """Each depot books fuel and tolls once a week, beside what the year before would have cost."""
    for category, mean, after in (("fuel", 900, 0.9), ("tolls", 140, 0.97)):
        weeks = np.repeat(np.arange(1, WEEKS + 1), len(DEPOTS))
        size = len(weeks)
        baseline = np.tile(np.round(draw.lasting(mean, 0.2, len(DEPOTS))), WEEKS)
        amount = baseline * draw.lasting(stepped(1, after, 40)[weeks - 1], 0.06, size)
        draw.emit(
            "fleet-ledger",
            "cost.booked",
            draw.moments(weeks, OFFICE),
            [f"{depot}-{week}" for week in range(1, WEEKS + 1) for depot in DEPOTS],
            path="import",
            data={
                "category": [category] * size,
                "amount": np.round(amount, 2),
                "baseline_amount": baseline,
            },
        )


def luggage(draw: Draw) -> None:
    """Tags are read at every belt from week 38 on: fewer bags go astray, the rest return sooner."""
    flights = draw.weeks(16)
    draw.emit(
        "bag-scanners",
        "bag.checked",
        draw.moments(flights, ALWAYS),
        draw.names("flight", len(flights)),
        actor_kind="service",
        path="api",
        data={"bags": draw.rng.integers(90, 190, len(flights))},
    )
    weeks = draw.weeks(stepped(17, 7, 38))
    size = len(weeks)
    misplaced = draw.moments(weeks, ALWAYS)
    bags = draw.names("bag", size)
    # a bag in a hundred is never found
    found = ~draw.chance(0.01, size)
    returned = misplaced + draw.lasting(stepped(46, 24, 38)[weeks - 1], 0.8, size) * HOUR
    draw.emit("bag-tracing", "bag.misplaced", misplaced, bags, correlations=bags)
    draw.emit(
        "bag-tracing",
        "bag.returned",
        returned,
        bags,
        correlations=bags,
        data={"is_damaged": draw.chance(0.04, size)},
        keep=found,
    )


def support_work(draw: Draw) -> None:
    """Eighteen agents book the minutes that they work on tickets by hand."""
    agents = draw.people(18)
    weeks = np.repeat(np.arange(1, WEEKS + 1), 2 * len(agents))
    size = len(weeks)
    minutes = draw.lasting(stepped(52, 38, 43)[weeks - 1], 0.6, size)
    worked = draw.moments(weeks, OFFICE)
    # one entry in eight is left out: holidays, and days without tickets
    draw.emit(
        "service-worklog",
        "ticket.work_logged",
        worked,
        draw.names("ticket", size),
        actors=np.tile(agents, 2 * WEEKS),
        data={"minutes": np.maximum(1, np.round(minutes)).astype(int)},
        recorded=worked + draw.rng.uniform(0, 0.5, size) * DAY,
        keep=~draw.chance(1 / 8, size),
    )


def dataset_requests(draw: Draw) -> None:
    """Readers ask what a column means, less so once datasets are certified."""
    weeks = draw.weeks(stepped(10, 7, 43))
    datasets = [f"dataset-{n:03d}" for n in range(120)]
    draw.emit(
        "data-platform-chat",
        "clarification.asked",
        draw.moments(weeks, OFFICE),
        draw.rng.choice(datasets, len(weeks)).tolist(),
        actors=draw.rng.choice(draw.people(160), len(weeks)),
    )
