"""People and their hours of four weeks: a person for each edge of a limit of twenty hours."""

from typing import Any

from tests.oracles.golden import at, metric
from tests.oracles.warehouse import Registry, Row, event

WEEK = 168


def sheet(person: str | None, hours: float, amount: Any, product: str = "shop", **more: Any) -> Row:
    """Return a time sheet, in hours from the base; the first whole four weeks begin with week 3."""
    return event(product, "sheet.filed", "sheet", at(hours), actor_id=person,
                 data={"hours": amount}, **more)  # fmt: skip


def events() -> list[Row]:
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


def registry() -> Registry:
    """Return the registry rows by table."""
    products = ("shop", "shop_whole")
    return {
        "sources": [{"source_id": name, "product_id": name} for name in products],
        "metrics": [
            metric(f"{name}_over", "proportion", subject_kind="person",
                   custom_model="people_over_limit", custom_parameter=f"{name}_limit")
            for name in products
        ],
        "watched_metrics": [{"product_id": name, "metric_id": f"{name}_over"} for name in products],
        "people_limits": [
            {"limit_id": f"{name}_limit", "product_id": name, "event_type": "sheet.filed",
             "quantity": "hours", "limit_value": 20}
            for name in products
        ],
        "excluded_accounts": [{"actor_id": "excluded", "reason": "probe"}],
    }  # fmt: skip
