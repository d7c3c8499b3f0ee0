"""People and their hours of four weeks, and defects after releases: one for each edge."""

from typing import Any

from tests.oracles.golden import at, measure, metric, ratio
from tests.oracles.warehouse import Registry, Row, event

WEEK = 168


def sheet(person: str | None, hours: float, amount: Any, product: str = "shop", **more: Any) -> Row:
    """Return a time sheet, in hours from the base; the first whole four weeks begin with week 3."""
    return event(product, "sheet.filed", "sheet", at(hours), actor_id=person,
                 data={"hours": amount}, **more)  # fmt: skip


def hours() -> list[Row]:
    """Six people with sheets in the whole period, three of them over; and who is not counted."""
    # summer time takes an hour out of week 3
    third, sixth, seventh = 3 * WEEK + 9, 6 * WEEK + 9, 7 * WEEK - 1
    return [
        # seen in part only: the period began a week before
        sheet("early", 9, 50),
        sheet("adds_up", third, 12), sheet("adds_up", sixth, 9),
        sheet("at_the_limit", third, 20),
        sheet("no_number", third, None),
        sheet("sampled", third, 7, sampled_rate=3),
        sheet("last_minute", seventh - 1 / 60, 30),
        sheet("parted", sixth, 15), sheet("parted", seventh + 9, 15),
        sheet("next_period", seventh, 30),
        sheet("excluded", third, 99), sheet("probe", third, 99, actor_kind="test"),
        sheet(None, third, 99), sheet("alive", third, 99, is_heartbeat=True),
        sheet("first_minute", 3 * WEEK, 30, product="shop_whole"),
    ]  # fmt: skip


def release(name: str, hours: float, **more: Any) -> Row:
    """Return the publication of a release."""
    return event("train", "release.published", name, at(hours), **more)


def defect(of_release: str | None, hours: float, product: str = "train", **more: Any) -> Row:
    """Return a defect that names its release in a property; its subject is another release."""
    return event(product, "defect.found", "r2", at(hours), data={"release_id": of_release}, **more)


def defects() -> list[Row]:
    """Three defects of the first release within a week of it, one of a release sampled at 1 in 2.

    The second release has none, whatever the defects' subjects say.
    """
    rows = [release("r1", 1), release("r2", 5), release("r4", 6, sampled_rate=2)]
    # not the one at the same instant, nor the one a second after the week
    rows += [defect("r1", hours) for hours in (1, 2, 100, 169, 169 + 1 / 3600)]
    rows += [defect("r4", 7), defect(None, 8), defect("r1", 9, "other_train"),
             defect("r1", 10, is_heartbeat=True)]  # fmt: skip
    return rows


def events() -> list[Row]:
    """Return all events of these products."""
    return [*hours(), *defects()]


DEFECTS = {"followed_by_event_type": "defect.found", "followed_within_hours": 168,
           "followed_match": "subject:release_id"}  # fmt: skip
MEASURES: list[Row] = [
    measure("releases", "event", "release.published"),
    measure("releases_defective", "event", "release.published", **DEFECTS),
    measure("defects", "event", "release.published", aggregate="count_followers", **DEFECTS),
]


def registry() -> Registry:
    """Return the registry rows by table."""
    products = ("shop", "shop_whole")
    return {
        "sources": [{"source_id": name, "product_id": name} for name in (*products, "train")],
        "measures": MEASURES,
        "metrics": [
            metric(f"{name}_over", "proportion", subject_kind="person",
                   custom_model="people_over_limit", custom_parameter=f"{name}_limit")
            for name in products
        ] + [
            ratio("defects_per_release", "count_rate", "defects", "releases"),
            ratio("defective_share", "proportion", "releases_defective", "releases"),
        ],
        "watched_metrics": [
            {"product_id": product, "metric_id": name}
            for product, name in [("shop", "shop_over"), ("shop_whole", "shop_whole_over"),
                                  ("train", "defects_per_release"), ("train", "defective_share")]
        ],
        "people_limits": [
            {"limit_id": f"{name}_limit", "product_id": name, "event_type": "sheet.filed",
             "quantity": "hours", "limit_value": 20}
            for name in products
        ],
        "excluded_accounts": [{"actor_id": "excluded", "reason": "probe"}],
    }  # fmt: skip
