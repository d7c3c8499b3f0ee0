"""A company that sells invoicing: how it finds customers, what they pay, and why they leave."""

from datetime import date
from typing import Any

import numpy as np

from orchestration.sample.calendar import ALWAYS, DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import chosen, follow_up

FIRST_CUSTOMERS = 24
PLANS = (19.0, 49.0, 129.0)
ORIGINS = {"website": 0.38, "referral": 0.2, "conference": 0.17, "interview": 0.15, "": 0.1}
WON_BECAUSE = {"price": 0.35, "integrations": 0.3, "support": 0.23, "": 0.12}
LOST_BECAUSE = {"missing feature": 0.33, "price": 0.27, "no decision": 0.25, "": 0.15}
LEFT_BECAUSE = {"too expensive": 0.3, "missing feature": 0.28, "closed down": 0.26, "": 0.16}


def invoicing(draw: Draw) -> None:
    """Discounts from week 40 on bring more paying customers and less money."""
    _visitors(draw)
    _accounts(draw)
    _subscriptions(draw)
    _sales(draw)
    _payments(draw)


def _drawn(draw: Draw, shares: dict[str, float], size: int) -> list[str]:
    return draw.rng.choice(list(shares), size, p=list(shares.values())).tolist()


def _visitors(draw: Draw) -> None:
    """Who comes by, signs up, comes back and brings others along."""
    site, app = "growth-site", "invoicing-app"
    for event_type, mean in (("page.viewed", 3.5), ("account.reactivated", 1.3)):
        draw.emit(site, event_type, draw.moments(draw.weeks(mean), ALWAYS))
    weeks = draw.weeks(2.8)
    phases = np.where(draw.chance(0.75, len(weeks)), "prelaunch", "launch")
    draw.emit(site, "signup.made", draw.moments(weeks, ALWAYS), data={"phase": phases})

    joined = _joining()
    people, users = draw.people(len(joined)), draw.names("user", len(joined))
    signed_up = draw.moments(joined, OFFICE)
    draw.emit(site, "user.signed_up", signed_up, users, actors=people)
    follow_up(draw, site, "user.activated_first", signed_up, users, people, share=0.55, days=3.0)
    age = np.arange(1, WEEKS + 1)[:, None] - joined[None, :]
    stays = draw.chance(0.62, len(joined)) | (np.arange(len(joined)) < FIRST_CUSTOMERS // 2)
    often = np.where(age < 6, 0.8, 0.02) * stays[None, :]
    often = np.where(age == 0, 1.0, np.where(age > 0, often, 0.0))
    often[:, :FIRST_CUSTOMERS] = np.where(stays[:FIRST_CUSTOMERS], 0.4, 0.02)
    weeks, positions = np.nonzero(draw.rng.random(age.shape) < often)
    at = np.maximum(draw.moments(weeks + 1, OFFICE), signed_up[positions] + 60)
    names = [users[position] for position in positions]
    # whether newcomers come back is told by a part of its own
    is_told = (positions < FIRST_CUSTOMERS) | (age[weeks, positions] == 0)
    draw.emit(app, "user.active", at, names, actors=people[positions], keep=is_told)
    for made, followed, share, mean in (
        ("referral.made", "referral.converted", 0.3, 2.6),
        ("invite.sent", "invite.accepted", 0.28, 4.2),
    ):
        weeks = draw.weeks(mean)
        started = draw.moments(weeks, OFFICE)
        subjects = draw.names(made.split(".")[0], len(weeks))
        actors = chosen(draw, 60, len(weeks))
        draw.emit(app, made, started, subjects, actors=actors)
        follow_up(draw, app, followed, started, subjects, actors, share=share, days=4.0)


def repeated_use(draw: Draw) -> None:
    """Newcomers come back or not: five or more of each fortnight's do in each of five weeks.

    As many stay away each time, so that none of them can be told from the share. Three of every
    fortnight's are bookkeepers of a course, who never signed up themselves.
    """
    joined = _joining()[FIRST_CUSTOMERS:]
    first = (draw.calendar.first_monday - date(2024, 1, 1)).days // 7
    fortnights = (first + np.arange(WEEKS)) // 2
    seats = np.repeat(
        [draw.rng.choice(np.flatnonzero(fortnights == f)) for f in np.unique(fortnights)], 3
    )
    size = FIRST_CUSTOMERS + len(joined)
    # numbers that no other part of the product gives to its people
    people = np.concatenate(
        [draw.people(size)[FIRST_CUSTOMERS:], draw.people(9000 + len(seats))[9000:]]
    )
    began = np.concatenate([joined - 1, seats])
    rows, weeks = [np.arange(len(joined), len(began))], [seats]
    for fortnight in np.unique(fortnights):
        members = np.flatnonzero(fortnights[began] == fortnight)
        for age in range(1, 6):
            some = draw.rng.integers(5, max(len(members) - 4, 6))
            back = draw.rng.choice(members, some, replace=False)
            rows.append(back)
            weeks.append(began[back] + age)
    at, row = np.concatenate(weeks), np.concatenate(rows)
    row, at = row[at < WEEKS], at[at < WEEKS]
    users = draw.names("user", len(began))
    moments = draw.moments(at + 1, OFFICE)
    draw.emit("invoicing-app", "user.active", moments, [users[n] for n in row], actors=people[row])


def _joining() -> np.ndarray:
    """Week of each sign-up: every second is stronger, and a campaign of ten brings one more."""
    numbers = np.arange(WEEKS)
    has_campaign, is_strong = numbers % 20 < 10, numbers % 2 == 1
    size = np.where(is_strong, 5 + has_campaign, 3 + has_campaign)
    return np.concatenate([np.ones(FIRST_CUSTOMERS, int), np.repeat(numbers + 1, size)])


def _accounts(draw: Draw) -> None:
    """New accounts send most of their invoices in the first weeks; some leave and say why."""
    weeks = draw.weeks(3.8)
    size = len(weeks)
    created, accounts = draw.moments(weeks, OFFICE), draw.names("account", size)
    owners = chosen(draw, 300, size)
    app = "invoicing-app"
    draw.emit(app, "account.created", created, accounts, actors=owners)
    rows = np.repeat(np.arange(size), draw.rng.poisson(stepped(2.0, 2.7, 31)[weeks - 1]))
    days = draw.rng.exponential(20.0, len(rows))
    draw.emit(
        app,
        "invoice.sent",
        created[rows] + days * DAY,
        [accounts[row] for row in rows],
        actors=owners[rows],
    )
    reasons = {"reason": _drawn(draw, LEFT_BECAUSE, size)}
    follow_up(
        draw, app, "account.churned", created, accounts, owners, share=0.5, days=110, data=reasons
    )


def _subscriptions(draw: Draw) -> None:
    """Each is renewed every four weeks until it is cancelled; some grow or add teams."""
    billing = "subscription-billing"
    weeks = np.concatenate([np.ones(FIRST_CUSTOMERS, int), draw.weeks(1.4)])
    size = len(weeks)
    started, names = draw.moments(weeks, OFFICE), draw.names("subscription", size)
    ended = started + draw.rng.exponential(170.0, size) * DAY
    amounts = draw.rng.choice(PLANS, size, p=(0.4, 0.4, 0.2))
    service: dict[str, Any] = {"actor_kind": "service", "path": "api"}
    plan = {"monthly_amount": amounts}
    draw.emit(billing, "subscription.started", started, names, data=plan, **service)
    draw.emit(billing, "subscription.cancelled", ended, names, **service)
    for cycle in range(16):
        due = started + cycle * 28 * DAY + HOUR
        draw.emit(
            billing, "subscription.renewed", due, names, data=plan, keep=due < ended, **service
        )
    for event_type, mean, amount in (
        ("subscription.upgraded", 1.2, 30.0),
        ("subscription.addon_paid", 1.8, 75.0),
    ):
        weeks = draw.weeks(mean)
        at = draw.moments(weeks, OFFICE)
        # somebody whose subscription runs at that time
        runs = (started[None, :] < at[:, None]) & (ended[None, :] > at[:, None])
        rows = [int(draw.rng.choice(np.flatnonzero(row))) if row.any() else 0 for row in runs]
        draw.emit(
            billing,
            event_type,
            at,
            [names[row] for row in rows],
            data={"amount": np.round(draw.lasting(amount, 0.4, len(at)), 2)},
            keep=np.asarray(runs.any(axis=1)),
            **service,
        )


def _sales(draw: Draw) -> None:
    """Opportunities, of which a third is won after some weeks, and what goes before and after."""
    crm = "sales-records"
    weeks = draw.weeks(4.6)
    size = len(weeks)
    created, names = draw.moments(weeks, OFFICE), draw.names("opportunity", size)
    origins = {"origin": _drawn(draw, ORIGINS, size)}
    draw.emit(crm, "opportunity.created", created, names, data=origins)
    is_won = draw.chance(0.36, size)
    reasons = np.where(is_won, _drawn(draw, WON_BECAUSE, size), _drawn(draw, LOST_BECAUSE, size))
    days = draw.lasting(stepped(24.0, 19.0, 28)[weeks - 1], 0.6, size)
    draw.emit(
        crm,
        "opportunity.closed",
        created + days * DAY,
        names,
        data={"outcome": np.where(is_won, "won", "lost"), "reason": reasons},
        keep=draw.chance(0.94, size),
    )
    draw.emit(crm, "demo.held", draw.moments(draw.weeks(2), OFFICE))
    weeks = draw.weeks(1.7)
    draw.emit(
        crm,
        "customer.won",
        draw.moments(weeks, OFFICE),
        data={"size": np.where(draw.chance(0.3, len(weeks)), "enterprise", "small")},
    )
    draw.emit(crm, "case_study.published", draw.moments(draw.weeks(0.4), OFFICE))
    weeks = draw.weeks(2)
    draw.emit(
        crm,
        "cost.booked",
        draw.moments(weeks, OFFICE),
        data={
            "purpose": draw.rng.choice(["advertising", "events", "content"], len(weeks)),
            "amount": np.round(draw.lasting(420.0, 0.5, len(weeks)), 2),
        },
    )


def _payments(draw: Draw) -> None:
    """What customers pay us, and what the merchants among them earn through us."""
    billing = "subscription-billing"
    draw.emit(billing, "trial.started", draw.moments(draw.weeks(2.4), OFFICE))
    paid = np.maximum(draw.rng.poisson(stepped(7.0, 9.0, 40)), 3)
    weeks = np.repeat(np.arange(1, WEEKS + 1), paid)
    size = len(weeks)
    customers = np.array([f"customer-{n:03d}" for n in range(90)])
    draw.emit(
        billing,
        "customer.paid",
        draw.moments(weeks, OFFICE),
        draw.rng.choice(customers, size),
        actor_kind="service",
        path="api",
        data={"amount": np.round(draw.lasting(stepped(260, 170, 40)[weeks - 1], 0.5, size), 2)},
    )
    weeks = draw.weeks(7.5)
    merchants = draw.rng.integers(30, size=len(weeks))
    # one merchant after the other takes up payment by link
    uses_feature = weeks > 4 * (merchants - 5)
    draw.emit(
        billing,
        "order.paid",
        draw.moments(weeks, ALWAYS),
        [f"merchant-{n:02d}" for n in merchants],
        actor_kind="service",
        path="api",
        data={
            "amount": np.round(
                draw.lasting(np.where(uses_feature, 84.0, 66.0), 0.6, len(weeks)), 2
            ),
            "uses_feature": uses_feature,
        },
    )
