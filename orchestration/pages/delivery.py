"""The five delivery measures by quarter: of the product, and of each service in the latest one."""

from collections.abc import Iterable
from dataclasses import dataclass

from orchestration.pages.figures import MISSING, counted, day, humanise
from orchestration.pages.marts import Marts, Row, grouped, latest_where
from orchestration.pages.words import no_value_words

REASONS = {"kind_not_sent": "not sent", "no_failures": MISSING, "no_items": MISSING}


@dataclass(frozen=True)
class DeliveryTables:
    """Rows as words; services stand in the order of their names, never of their figures."""

    quarters: list[Row]
    services: list[Row]
    services_of: str
    """First day of the quarter that the services are shown for; blank where none is complete."""


def delivery_tables(marts: Marts) -> dict[str, DeliveryTables]:
    """Tables by product, for products whose deployments are known."""
    found = {}
    for (product_id,), rows in grouped(marts["fct_delivery_quarters"], "product_id").items():
        quarters = sorted(
            (row for row in rows if row["is_product"]), key=lambda row: row["quarter_start_date"]
        )
        latest = latest_where(quarters, lambda row: row["is_complete"])
        start = latest["quarter_start_date"] if latest else None
        services = sorted(
            (r for r in rows if not r["is_product"] and r["quarter_start_date"] == start),
            key=lambda row: row["service_id"],
        )
        found[product_id] = DeliveryTables(
            quarters=[_words(row, _quarter(row)) for row in reversed(quarters)],
            services=[_words(row, row["service_id"]) for row in _busy(services)],
            services_of=day(start) if start else "",
        )
    return found


def _busy(services: list[Row]) -> Iterable[Row]:
    """Services with anything to show, which none has whose figures are withheld; one is all."""
    rows = [row for row in services if row["deployment_count"] or row["evidence_count"]]
    return rows if len(services) > 1 else []


def _quarter(row: Row) -> str:
    weeks = round(row["observed_weeks"])
    note = "" if row["is_complete"] else f" ({counted(weeks, 'week')})"
    return f"{day(row['quarter_start_date'])}{note}"


def _words(row: Row, name: str) -> Row:
    return {
        "name": name,
        "deployments": _count(row["deployment_count"]),
        "per_week": _shown(row["deployments_per_week"], "", row["lead_time_no_value_reason"]),
        "lead_time": _shown(
            row["median_lead_time_hours"], "hours", row["lead_time_no_value_reason"]
        ),
        "changes": _count(row["change_count"]),
        "fail_rate": _shown(row["change_fail_rate"], "%", row["recovery_no_value_reason"]),
        "failed": _count(row["failed_count"]),
        "rework": _shown(row["rework_rate"], "%", row["rework_no_value_reason"]),
        "reverting": _count(row["reverting_count"]),
        "recovery": _shown(row["median_recovery_hours"], "hours", row["recovery_no_value_reason"]),
        "unattributed": humanise(row["unattributed_share"], "%"),
        "by_time": humanise(row["route_3_share"], "%"),
    }


def _count(number: int | None) -> str:
    return MISSING if number is None else f"{number:,}"


def _shown(number: float | None, unit: str, reason: str | None) -> str:
    """The figure, or why there is none."""
    if number is not None or not reason:
        return humanise(number, unit)
    return REASONS.get(reason) or no_value_words(reason)
