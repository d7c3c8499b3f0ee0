"""Planted rows of what the quality report and the section on all charts tell."""

from datetime import date, timedelta
from typing import Any

Rows = list[tuple[str, dict[str, Any]]]

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
EARLY = ("insight_desk", "time_to_decision")
"""The metric whose weeks that are not complete have early readings instead of values."""


def instrument_rows(weeks: list[date], sources: list[dict[str, Any]]) -> Rows:
    """Rows with their tables: lateness, gaps in the plan, early readings, comparisons."""
    by_product = {source["product_id"]: source["source_id"] for source in sources}
    return [
        *lateness(by_product),
        *plan_gaps(by_product, weeks),
        *lines_lost(by_product, weeks),
        *early_readings(weeks),
        *comparisons(weeks),
        *promises(by_product, weeks),
        *examples(by_product, weeks),
    ]


def lateness(by_product: dict[str, str]) -> Rows:
    """A source that keeps to what is declared, and one that doesn't."""
    return [
        ("fct_lateness", {
            "source_id": by_product[product], "product_id": product, "arrived_share": share,
            "lag_hours": slowest * share**3, "declared_lateness_hours": 24,
        })
        for product, slowest in (("insight_desk", 3), ("newsroom_cms", 90))
        for share in SHARES
    ]  # fmt: skip


def plan_gaps(by_product: dict[str, str], weeks: list[date]) -> Rows:
    """Every kind of gap, at a source that sends; and a source that sent nothing."""
    gaps = [
        ("newsroom_cms", "draft.approved", "never_seen", None, None, "time_to_publish"),
        ("newsroom_cms", "page.retracted", "not_seen_lately", weeks[3], weeks[40], None),
        ("newsroom_cms", "draft.sparkled", "unplanned", weeks[50], weeks[58], None),
        ("tills", "line.scanned", "never_seen", None, None, "items_per_scanning_minute"),
    ]
    return [
        ("fct_plan_gaps", {
            "source_id": by_product[product], "product_id": product, "event_type": event_type,
            "gap": gap, "first_week_start_date": first, "last_week_start_date": last,
            "metric_ids": metric_ids,
        })
        for product, event_type, gap, first, last, metric_ids in gaps
    ]  # fmt: skip


def lines_lost(by_product: dict[str, str], weeks: list[date]) -> Rows:
    """Lines that can't be read, some of them nobody's, and lines that were taken away."""
    found = [
        ("payroll/may.jsonl", "unreadable", by_product["newsroom_cms"], 22, 40, 44),
        ("payroll/june.jsonl", "taken_away", by_product["newsroom_cms"], None, 50, 50),
        ("payroll/june.jsonl", "taken_away_on_purpose", by_product["newsroom_cms"], 3, 50, 50),
        ("elsewhere/x.jsonl", "unreadable", "nobody", 5, None, None),
    ]
    return [
        ("fct_lines_lost", {
            "path": f"cloudevents/{path}", "loss": loss, "counts_against": source_id,
            "line_count": count,
            "first_week_start_date": None if first is None else weeks[first],
            "last_week_start_date": None if last is None else weeks[last],
            "reason": "a drill" if loss.endswith("purpose") else None,
        })
        for path, loss, source_id, count, first, last in found
    ]  # fmt: skip


def early_readings(weeks: list[date]) -> Rows:
    """A mean with its interval for one week, and only who finished for the next."""
    own = {"product_id": EARLY[0], "metric_id": EARLY[1], "unit": "hours", "item_count": 12,
           "metric_name": "Mean time to decision"}  # fmt: skip
    mean = {"restricted_mean": 40, "ci_low": 25, "ci_high": 55, "finished_count": 9,
            "open_count": 2, "cancelled_count": 1, "finished_share": 0.8}  # fmt: skip
    share = {"finished_share": 0.25, "followed_to": 72, "finished_count": 3, "open_count": 9,
             "cancelled_count": 0, "no_value_reason": "follow_up_too_short"}  # fmt: skip
    return [
        ("fct_early_readings", own | {"week_start_date": weeks[58], **mean}),
        ("fct_early_readings", own | {"week_start_date": weeks[59], **share}),
    ]


def comparisons(weeks: list[date]) -> Rows:
    """One that differs on either side, one only when looked at alone, one not at all."""
    found = [
        ("insight_desk", "time_to_decision", "favourable", 0.0001, 0.0004, True),
        ("newsroom_cms", "error_fixing_share", "unfavourable", 0.02, 0.04, True),
        ("tills", "items_per_scanning_minute", "favourable", 0.049, 0.2, False),
        ("release_platform", "well_packaged_releases", "neutral", 0.7, 0.7, False),
    ]
    return [
        ("fct_period_comparisons", {
            "product_id": product, "metric_id": metric, "metric_name": metric.replace("_", " "),
            "chart_method": "xmr_mean", "from_date": weeks[50], "period_count": 8,
            "to_date": weeks[57] + timedelta(days=6), "baseline_count": 16, "change_side": side,
            "p_value": p, "adjusted_p_value": adjusted, "is_different": is_different,
        })
        for product, metric, side, p, adjusted, is_different in found
    ]  # fmt: skip


def promises(by_product: dict[str, str], weeks: list[date]) -> Rows:
    """Two promises of one source, one of them broken; one of another, kept."""
    found = [
        ("newsroom_cms", "draft.created", "desk", 2, 7),
        ("newsroom_cms", "draft.created", "author", 0, 0),
        ("insight_desk", "question.asked", "domain", 0, 1),
    ]
    return [
        ("fct_contract_checks", {
            "dataset": f"source/{by_product[product]}", "event_type": event_type,
            "expectation": f"{column} is filled in", "column_name": column,
            "severity": severity, "week_start_date": weeks[59], "checked_week_count": 60,
            "broken_week_count": broken, "defect": "a_property_gone",
            "note": "Its metrics are too low.",
            "broken_since_week_start_date": weeks[55] if severity else None,
        })
        for product, event_type, column, severity, broken in found
    ]  # fmt: skip


def examples(by_product: dict[str, str], weeks: list[date]) -> Rows:
    """Lines of every kind of file: of a failure, of a warning, of a broken promise."""
    failed = {"source_id": by_product["release_platform"], "check_id": 3,
              "week_start_date": weeks[57], "line_shows": "a start without an end"}  # fmt: skip
    warned = {"source_id": by_product["newsroom_cms"], "check_id": 1,
              "week_start_date": weeks[54], "line_shows": "came again"}  # fmt: skip
    broken = {"source_id": by_product["newsroom_cms"], "event_type": "draft.created",
              "week_start_date": weeks[59], "expectation": "desk is filled in",
              "line_shows": "breaks its contract"}  # fmt: skip
    lines = [
        (failed, "cloudevents/roll backs/2026-05-a-rather-long-name-of-a-file.jsonl", 17),
        (failed, "cloudevents/roll backs/2026-05-a-rather-long-name-of-a-file.jsonl", 240),
        (failed, "cloudevents/2026-05.parquet", 3),
        (failed, "cloudevents/(address)/2026-05.jsonl", 4),
        (warned, "cloudevents/newsroom/2026-04.jsonl.gz", 1204),
        (broken, "cloudevents/newsroom/2026-05.jsonl", 18),
    ]
    return [
        ("fct_check_examples", {"event_type": "*", **finding, "path": path, "line_number": line,
                                "example_number": number})
        for number, (finding, path, line) in enumerate(lines, start=1)
    ]  # fmt: skip
