"""Delivery by quarter on the scorecard: order, what is left out, reasons in place of figures."""

from datetime import date
from typing import Any

from orchestration.pages.delivery import delivery_tables
from orchestration.pages.marts import Marts

QUARTERS = (date(2023, 10, 2), date(2024, 1, 1), date(2024, 4, 1))


def row(service_id: str, quarter: date, is_product: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "product_id": "p", "service_id": service_id, "is_product": is_product,
        "quarter_start_date": quarter, "is_complete": quarter != QUARTERS[-1],
        "observed_weeks": 13.0 if quarter != QUARTERS[-1] else 4.2, "trust_grade": "A",
        "deployment_count": 26, "deployments_per_week": 2.0, "change_count": 40,
        "median_lead_time_hours": 30.0, "lead_time_no_value_reason": None, "failed_count": 2,
        "change_fail_rate": 2 / 26, "route_3_share": 0.5, "evidence_count": 4,
        "unattributed_share": 0.25, "rework_rate": None, "rework_no_value_reason": "kind_not_sent",
        "reverting_count": 1, "median_recovery_hours": 3.0, "recovery_no_value_reason": None,
    } | more  # fmt: skip


def tables(rows: list[dict[str, Any]]) -> Any:
    return delivery_tables(Marts({"fct_delivery_quarters": rows}))["p"]


def test_quarters_are_latest_first_and_a_part_of_one_says_so() -> None:
    found = tables([row("all", quarter, is_product=True) for quarter in QUARTERS])
    assert [r["name"] for r in found.quarters] == [
        "2024-04-01 (4 weeks)", "2024-01-01", "2023-10-02",
    ]  # fmt: skip
    told = {k: v for k, v in found.quarters[1].items() if k != "name"}
    assert told == {
        "deployments": "26", "per_week": "2", "lead_time": "1.3 days", "changes": "40",
        "fail_rate": "7.7 %", "failed": "2", "rework": "not sent", "recovery": "3 h",
        "reverting": "1",
        "unattributed": "25 %", "by_time": "50 %",
    }  # fmt: skip


def test_services_are_those_of_the_latest_complete_quarter_by_name() -> None:
    product = [row("all", quarter, is_product=True) for quarter in QUARTERS]
    services = [
        row("b", QUARTERS[1], deployments_per_week=9.0),
        row("a", QUARTERS[1]),
        row("idle", QUARTERS[1], deployment_count=0, evidence_count=0),
        row("late", QUARTERS[2]),
    ]
    found = tables(product + services)
    assert [r["name"] for r in found.services] == ["a", "b"]
    assert found.services_of == "2024-01-01"


def test_the_only_service_is_not_shown_twice() -> None:
    found = tables([row("all", QUARTERS[0], is_product=True), row("a", QUARTERS[0])])
    assert found.services == []


def test_what_is_withheld_shows_no_figure() -> None:
    names = ("deployments_per_week", "median_lead_time_hours", "change_fail_rate", "rework_rate",
             "median_recovery_hours", "unattributed_share", "route_3_share", "deployment_count",
             "change_count", "failed_count", "reverting_count", "evidence_count")  # fmt: skip
    reasons = dict.fromkeys(
        ("lead_time_no_value_reason", "rework_no_value_reason", "recovery_no_value_reason"),
        "withheld",
    )
    (told,) = tables(
        [row("all", QUARTERS[0], is_product=True, **dict.fromkeys(names), **reasons)]
    ).quarters
    shown = [told[k] for k in ("per_week", "lead_time", "fail_rate", "rework", "recovery")]
    assert set(shown) == {"withheld"}
