"""Core and metrics give the worked figures of the method, and keep to both sides of each edge.

The expected numbers are those of the method's oracles, worked by hand or by SciPy.
"""

from datetime import date
from typing import Any

import pytest
from duckdb import DuckDBPyConnection as Warehouse

FIRST = date(2025, 3, 3)
SECOND = date(2025, 3, 10)


def value(
    warehouse: Warehouse, product: str, metric: str, column: str = "value",
    week: date = FIRST, grain: str = "week",
) -> Any:  # fmt: skip
    """Return one column of one period."""
    found = warehouse.execute(
        f"select {column} from metrics.int_metric_periods where product_id = ? and metric_id = ? "
        "and period_grain = ? and period_start_date = ?",
        [product, metric, grain, week],
    ).fetchall()
    assert len(found) == 1, f"{len(found)} rows of {product} {metric} {grain} {week}"
    return found[0][0]


def test_an_open_item_of_a_ripe_week_counts_tau(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "ripe", "job_time") == pytest.approx(41 / 7)
    assert value(golden_warehouse, "ripe", "job_time", "numerator") == 41
    assert value(golden_warehouse, "ripe", "job_time", "sum_squares") == 1 + 4 + 16 + 36 + 64 + 200
    assert value(golden_warehouse, "ripe", "job_time", "open_count") == 2
    assert value(golden_warehouse, "ripe", "job_minutes") == pytest.approx(60 * 41 / 7)


def test_the_interval_of_a_restricted_mean_is_students(golden_warehouse: Warehouse) -> None:
    # n = 7, sd 3.670993, t(6) = 2.446912
    low, high = (value(golden_warehouse, "ripe", "job_time", c) for c in ("ci_low", "ci_high"))
    assert (low, high) == pytest.approx((2.462040, 9.252245), abs=1e-6)


def test_mean_and_median_stand_beside_the_restricted_mean(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "ripe", "job_time_finished_mean") == pytest.approx(21 / 5)
    assert value(golden_warehouse, "ripe", "job_time_median") == 6
    assert value(golden_warehouse, "ripe", "job_time_finished_p90") == pytest.approx(7.2)


def test_a_week_without_items_has_no_value_and_says_why(golden_warehouse: Warehouse) -> None:
    for product, metric, reason in [
        ("ripe", "job_time", "no_items"), ("share", "accuracy", "no_denominator"),
    ]:  # fmt: skip
        assert value(golden_warehouse, product, metric, week=SECOND) is None
        assert value(golden_warehouse, product, metric, "no_value_reason", SECOND) == reason
    assert value(golden_warehouse, "share", "retractions", week=SECOND) == 0


def test_all_open_gives_tau_and_no_median(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "all_open", "job_time") == 10
    assert value(golden_warehouse, "all_open", "job_time", "ci_low") is None
    assert value(golden_warehouse, "all_open", "job_time_median") is None
    reason = value(golden_warehouse, "all_open", "job_time_median", "no_value_reason")
    assert reason == "median_not_reached"


def test_one_item_has_a_value_and_no_interval(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "one_row", "job_time") == 3
    assert value(golden_warehouse, "one_row", "job_time", "ci_method") is None


def test_an_interval_of_a_duration_does_not_reach_below_zero(golden_warehouse: Warehouse) -> None:
    # mean 11/3, sd 4.618802, t(2) = 4.3026527: the lower end would be -7.8
    low, high = (value(golden_warehouse, "skewed", "job_time", c) for c in ("ci_low", "ci_high"))
    assert (low, high) == pytest.approx((0, 15.140407), abs=1e-6)


def test_a_week_is_ripe_when_tau_is_over_and_not_a_second_before(
    golden_warehouse: Warehouse,
) -> None:
    assert value(golden_warehouse, "ripe_now", "job_time", "is_ripe") is True
    assert value(golden_warehouse, "ripe_soon", "job_time", "is_ripe") is False
    assert value(golden_warehouse, "ripe_soon", "job_time") is None
    assert value(golden_warehouse, "ripe_soon", "job_time", "no_value_reason") == "not_ripe"
    assert value(golden_warehouse, "ripe_soon", "job_time", "unit_count") == 1


def test_outages_are_unions_and_the_open_one_counts(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "outage", "between_failures") == pytest.approx(154 / 3)
    assert value(golden_warehouse, "outage", "between_failures", "numerator") == 154
    assert value(golden_warehouse, "outage", "availability") == pytest.approx(154 / 168)
    assert value(golden_warehouse, "outage", "budget") == pytest.approx(14 / 168 / 0.1)
    assert value(golden_warehouse, "outage", "found_by_users") == pytest.approx(1 / 3)


def test_failures_that_crowd_together_have_no_one_rate(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select product_id, trend_u from metrics.int_failure_trends where period_grain = 'week'"
    ).fetchall()
    trends = dict(found)
    assert trends["spread"] == pytest.approx(0.922138892, abs=1e-6)
    assert value(golden_warehouse, "spread", "between_failures") == pytest.approx(
        (168 - 5 / 60) / 5
    )
    assert trends["crowded"] == pytest.approx(60**0.5 * (154 / 168 - 0.5), abs=1e-6)
    assert value(golden_warehouse, "crowded", "between_failures") is None
    reason = value(golden_warehouse, "crowded", "between_failures", "no_value_reason")
    assert reason == "trend_in_failures"
    assert value(golden_warehouse, "crowded", "between_failures", "denominator") == 5


def test_planned_maintenance_is_neither_up_nor_down(golden_warehouse: Warehouse) -> None:
    # 168 h less 8 h of maintenance, of which 2 h lie in a real outage of 4 h
    assert value(golden_warehouse, "maintained", "availability", "numerator") == 168 - 10
    assert value(golden_warehouse, "maintained", "availability", "denominator") == 168 - 6
    assert value(golden_warehouse, "maintained", "between_failures", "denominator") == 1


def test_no_failure_gives_a_bound_and_no_mean(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "sound", "between_failures") is None
    assert value(golden_warehouse, "sound", "between_failures", "no_value_reason") == "no_failures"
    low = value(golden_warehouse, "sound", "between_failures", "ci_low")
    # 720 h without a failure: 240.3 h at 95 %; here 168 h
    assert low == pytest.approx(240.3419045 * 168 / 720)


def test_items_not_yet_due_are_left_out_and_due_now_is_due(golden_warehouse: Warehouse) -> None:
    met_and_due = [
        [value(golden_warehouse, product, "attainment", column, week) or 0
         for week in weeks for column in ("numerator", "denominator")]
        for product, weeks in (("sla", (FIRST, SECOND)), ("sla_edge", (SECOND,)))
    ]  # fmt: skip
    assert met_and_due == [[1, 3, 1, 2], [1, 1]]


def test_releases_are_judged_once_their_window_is_over(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select release_id, is_judged, is_well_packaged from core.int_releases order by release_id"
    ).fetchall()
    assert {name: (judged, good) for name, judged, good in found} == {
        "r1": (True, True), "r2": (True, False), "r3": (True, False), "r4": (True, False),
        "r5": (False, None), "r6": (False, None),
        "at_the_end": (True, False), "after_the_end": (True, True),
        "judged_now": (True, True), "judged_soon": (False, None),
        "uncovered": (True, False), "unmeasured": (True, None),
    }  # fmt: skip


def test_a_count_without_denominator_is_a_rate_per_natural_period(
    golden_warehouse: Warehouse,
) -> None:
    assert value(golden_warehouse, "package", "well_packaged", "denominator") == 0.5
    fortnight = date(2025, 3, 10)
    assert (
        value(golden_warehouse, "share", "retractions", "denominator", fortnight, "fortnight") == 2
    )
    assert value(golden_warehouse, "share", "retractions", week=date(2025, 3, 24)) == 1


def test_failures_charge_one_deployment_by_the_first_route(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select event_id, is_remediation, is_failed, failure_route, is_rework, "
        "recovery_us / 3600000000 from core.int_deployments where product_id = 'dora' "
        "order by deployed_at"
    ).fetchall()
    assert [row[0] for row in found if not row[1]] == ["D1", "D2", "D4", "D5", "D7"]
    assert [(row[0], row[3], row[5]) for row in found if row[2]] == [("D2", 1, 3), ("D7", 1, 10)]
    assert [row[0] for row in found if row[4]] == ["D4"]
    assert value(golden_warehouse, "dora", "change_fail_rate") == pytest.approx(0.4)
    assert value(golden_warehouse, "dora", "rework_rate") == pytest.approx(0.2)


def test_an_incident_counts_for_a_deployment_up_to_a_day_before(
    golden_warehouse: Warehouse,
) -> None:
    found = golden_warehouse.execute(
        "select service_id, failure_route from core.int_deployments "
        "where product_id = 'linked' and not is_remediation order by service_id, deployed_at"
    ).fetchall()
    assert found == [
        ("day_after", 3), ("day_and_second", None), ("downgraded", None), ("downgraded", 2),
        ("named", 2), ("named", None),
    ]  # fmt: skip


def test_lead_time_runs_from_commit_to_first_production(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select change_id, lead_time_us / 3600000000 from core.int_changes "
        "where product_id = 'dora' order by change_id"
    ).fetchall()
    assert found == [("c1", 8), ("c2", 15), ("c3", 2), ("c4", 2), ("c5", 10), ("c6", 1)]


def test_shares_are_ratios_of_sums_with_wilson_or_exact_limits(
    golden_warehouse: Warehouse,
) -> None:
    assert value(golden_warehouse, "share", "fixing_share") == pytest.approx(0.1375)
    assert value(golden_warehouse, "share", "fixing_share", "unit_count") == 3
    wilson = [value(golden_warehouse, "share", "accuracy", c) for c in ("ci_low", "ci_high")]
    assert wilson == pytest.approx([0.3589344518, 0.917781076], abs=1e-9)
    exact = [value(golden_warehouse, "share", "retractions", c) for c in ("ci_low", "ci_high")]
    assert exact == pytest.approx([0.6186721229, 8.76727307], abs=1e-8)


def test_weeks_turn_at_local_midnight_across_the_clock_change(
    golden_warehouse: Warehouse,
) -> None:
    counts = [
        value(golden_warehouse, "share", "retractions", "numerator", week)
        for week in (date(2025, 3, 24), date(2025, 3, 31))
    ]
    assert counts == [1, 1]


def test_a_reopen_continues_the_task_until_its_window_is_over(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select subject_id, state, duration_us / 3600000000, reopen_count from core.int_tasks "
        "where product_id = 'reopen' and task_type_id = 'reopened_job' "
        "order by subject_id, started_at"
    ).fetchall()
    assert found == [
        ("again", "finished", 1, 0), ("again", "finished", 3, 0),
        ("cancelled", "cancelled", None, 0), ("in_time", "finished", 63, 1),
        ("instant", "finished", 0, 0), ("too_late", "finished", 10, 0),
        ("too_late", "finished", 5, 0), ("twice", "finished", 5, 0),
    ]  # fmt: skip


def test_a_follower_counts_to_the_end_of_its_window(golden_warehouse: Warehouse) -> None:
    parts = [value(golden_warehouse, "follow", "contact_again", c)
             for c in ("numerator", "denominator")]  # fmt: skip
    assert parts == [1, 4]


def test_distinct_people_leave_out_probes_and_excluded_accounts(
    golden_warehouse: Warehouse,
) -> None:
    assert value(golden_warehouse, "follow", "people", "numerator") == 3
    fortnight = value(golden_warehouse, "follow", "people", "numerator", SECOND, "fortnight")
    assert fortnight == 2


def test_a_stock_is_what_is_open_as_the_week_ends(golden_warehouse: Warehouse) -> None:
    stock = [[value(golden_warehouse, "stock", metric, "numerator", week)
              for metric in ("open_jobs", "old_jobs", "detailed_share")]
             for week in (FIRST, SECOND)]  # fmt: skip
    assert stock == [[3, 2, 1], [3, 3, 2]]


def test_a_longer_period_adds_ripe_weeks_only(golden_warehouse: Warehouse) -> None:
    period = (date(2025, 2, 24), "fortnight")
    sums = [value(golden_warehouse, "package", "well_packaged_share", c, *period)
            for c in ("numerator", "denominator", "is_ripe")]  # fmt: skip
    assert sums == [1, 2, False]


def test_a_tripwire_takes_the_worst_day_with_enough_items(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select tripwire_id, observed_value, observed_n, is_crossed "
        "from metrics.int_tripwire_levels where week_start_date = ? order by tripwire_id",
        [FIRST],
    ).fetchall()
    assert found == [("day_of_errors", 0.5, 4, True), ("too_few", 0.5, 4, False),
                     ("week_of_errors", pytest.approx(2 / 8), 8, False)]  # fmt: skip


def test_lineage_names_each_source_by_side(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select side, source_id, event_type, is_required, event_count "
        "from metrics.int_metric_lineage where product_id = 'reopen' order by event_type"
    ).fetchall()
    assert found == [
        ("finish", "reopen", "job.cancelled", False, 1),
        ("finish", "reopen", "job.finished", True, 9),
        ("finish", "reopen", "job.reopened", False, 2),
        ("start", "reopen", "job.started", True, 8),
    ]  # fmt: skip
