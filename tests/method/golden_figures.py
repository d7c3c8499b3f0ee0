"""The worked cases that models compute on the golden products, which are made of their inputs."""

from datetime import date
from typing import Any

import numpy as np
from duckdb import DuckDBPyConnection as Warehouse

from orchestration.method import means, reliability
from tests.method.cases import CASES, worked
from tests.method.models import build
from tests.oracles.test_worked_figures import FIRST, SECOND

THIRD = date(2025, 3, 17)


def rows(golden: Warehouse, query: str) -> list[tuple]:
    return golden.execute(query).fetchall()


@worked("outage_union")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_interruptions", "int_operating_weeks")
    incidents, outages, closed_hours, open_count = rows(
        golden,
        "select sum(incident_count), count(*), "
        "avg(date_diff('second', started_at, ended_at)) / 3600, count(*) - count(ended_at) "
        "from core.int_interruptions where product_id = 'outage' and interruption_kind = 'outage'",
    )[0]
    up, down, started = rows(
        golden,
        "select operating_hours, down_hours, outage_count from metrics.int_operating_weeks "
        f"where product_id = 'outage' and metric_id = 'between_failures' "
        f"and week_start_date = '{FIRST}'",
    )[0]
    return {
        "raw_incidents": incidents,
        "outages": outages,
        "downtime_h": down,
        "uptime_h": up,
        "availability": up / (up + down),
        "mtbf_operating": up / started,
        "mean_down_time_closed_outages": closed_hours,
        "open_outages": open_count,
    }


@worked("sla")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_measure_items")
    found = rows(
        golden,
        "select measure_id, subject_id from metrics.int_measure_items where product_id = 'sla'",
    )
    due, met = (
        {item for measure, item in found if measure == name}
        for name in ("jobs_due", "jobs_in_time")
    )
    return {
        "due": len(due),
        "met": len(met),
        "attainment": len(met) / len(due),
        "not_due": sorted({name for name, _, _ in inputs["items"]} - due),
    }


@worked("well_packaged")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_releases")
    found = rows(
        golden,
        "select release_id, is_judged, is_well_packaged from core.int_releases "
        "where product_id = 'package' order by release_id",
    )
    return {
        "judged": [name for name, is_judged, _ in found if is_judged],
        "well_packaged": [name for name, _, is_good in found if is_good],
        "not_ripe": [name for name, is_judged, _ in found if not is_judged],
    }


@worked("ratio_of_sums")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_measure_values", "int_metric_side_sums", "int_sums_measures")
    found = rows(
        golden,
        "select numerator / denominator from metrics.int_sums_measures where product_id = 'share' "
        f"and metric_id = 'fixing_share' and period_grain = 'week' "
        f"and period_start_date = '{FIRST}'",
    )
    return {"ratio_of_sums": found[0][0]}


@worked("dora")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_deployment_failures", "int_deployments", "int_changes")
    found = rows(
        golden,
        "select event_id, is_failed, is_rework, recovery_us / 3600000000 "
        "from core.int_deployments where product_id = 'dora' and not is_remediation "
        "order by deployed_at",
    )
    lead_times = rows(
        golden,
        "select lead_time_us / 3600000000 from core.int_changes where product_id = 'dora' "
        "order by change_id",
    )
    medians = rows(
        golden,
        "select median(lead_time_us) / 3600000000 from core.int_changes where product_id = 'dora' "
        "union all select median(recovery_us) / 3600000000 from core.int_deployments "
        "where product_id = 'dora' and is_failed",
    )
    linked = rows(golden, "select evidence_id from core.int_deployment_failures")
    incidents = rows(
        golden,
        "select task_id, subject_id from core.int_tasks "
        "where product_id = 'dora' and task_type_id = 'incident'",
    )
    charged = {evidence for (evidence,) in linked}
    failed = [row for row in found if row[1]]
    rework = [row for row in found if row[2]]
    return {
        "counted_deployments": len(found),
        "lead_times": [hours for (hours,) in lead_times],
        "median_lead_time": medians[0][0],
        "failed": [row[0] for row in failed],
        "change_fail_rate": len(failed) / len(found),
        "rework_deployments": [row[0] for row in rework],
        "rework_rate": len(rework) / len(found),
        "recovery_times": [row[3] for row in failed],
        "median_recovery": medians[1][0],
        "unattributed_incidents": sorted(name for task, name in incidents if task not in charged),
    }


@worked("retention")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_retention_cells")
    found = rows(
        golden,
        "select cohort_week_start_date, week_number, cohort_people, retained_people, is_complete "
        "from metrics.int_retention_cells where product_id = 'cohorts' and week_number <= 3",
    )
    weeks = (FIRST, SECOND, THIRD)
    cells = {(weeks.index(c), k): cell for c, k, *cell in found if c in weeks}
    keys = [(cell["cohort"], cell["k"]) for cell in CASES["retention"]["expected"]["cells"]]
    pooled = {
        k: [sum(cells[c, k][i] for c in range(3) if cells[c, k][2]) for i in (1, 0)] for k in (1, 2)
    }
    return {
        "cells": [
            {
                "cohort": c,
                "k": k,
                "n": cells[c, k][0],
                "bounded": cells[c, k][1] / cells[c, k][0] if cells[c, k][2] else None,
            }
            for c, k in keys
        ],
        "pooled_bounded_k1": pooled[1],
        "pooled_bounded_k2": pooled[2],
    }


@worked("growth_accounting")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_growth_weeks")
    found = rows(
        golden,
        "select active_people, new_people, retained_people, resurrected_people, churned_people "
        "from metrics.int_growth_weeks where product_id = 'growth' and is_complete "
        "order by week_start_date",
    )
    names = ("active", "new", "retained", "resurrected", "churned")
    return {
        "periods": [
            {"period": number, **dict(zip(names, row, strict=True))}
            for number, row in enumerate(found, start=1)
        ]
    }


@worked("sessions")
def _(inputs: Any, golden: Warehouse) -> list:
    build(golden, "int_sessions")
    found = rows(
        golden,
        "select event_count, duration_minutes from core.int_sessions "
        "where product_id = 'visits' and person_id = 'worked' order by session_number",
    )
    return [
        {"session": number, "events": events, "minutes": minutes}
        for number, (events, minutes) in enumerate(found, start=1)
    ]


@worked("stickiness")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "stickiness")
    found = rows(
        golden,
        "select numerator / denominator from metrics.stickiness where product_id = 'sticky'",
    )
    return {"working_day_stickiness": found[0][0]}


@worked("activation")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_activation_entries", "activation")
    members = rows(
        golden,
        "select match_value, is_activated from core.int_activation_entries "
        "where activation_id = 'invoices' order by 1",
    )
    names = {name for name, start, _ in inputs["users"] if start + 30 <= inputs["as_of"]}
    parts = rows(
        golden,
        "select sum(numerator), sum(denominator) from metrics.activation "
        f"where metric_id = 'activated' and week_start_date = '{FIRST}'",
    )[0]
    return {
        "eligible": parts[1],
        "activated": parts[0],
        "rate": parts[0] / parts[1],
        "members": {name: is_activated for name, is_activated in members if name in names},
    }


@worked("funnel")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_funnel_entries", "int_funnel_steps")
    build(golden, "int_funnel_week_steps", "int_funnel_weeks")
    found = rows(
        golden,
        "select step_number, reached_count from metrics.int_funnel_weeks "
        "where funnel_id = 'buying' order by step_number",
    )
    users = {f"step{step}": count for step, count in found}
    return {"users": users, "conversion_1_3": users["step3"] / users["step1"]}


@worked("laplace_trend")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_failure_trends")
    ((u,),) = rows(
        golden,
        "select trend_u from metrics.int_failure_trends "
        "where product_id = 'spread' and period_grain = 'week'",
    )
    # the models ask for U beyond 1.96 only
    _, p = reliability.laplace_trend(np.array(inputs["failure_times_h"], float), inputs["window_h"])
    return {"U": u, "p_two_sided": p}


@worked("duration_ci")
def _(inputs: Any, golden: Warehouse) -> dict:
    build(golden, "int_duration_ranks", "int_duration_limits")
    ((*median_ci, cox_low, cox_high),) = rows(
        golden,
        "select median_low, median_high, mean_low, mean_high "
        "from metrics.int_duration_limits where product_id = 'nine' "
        "and metric_id = 'job_time' and period_grain = 'week'",
    )
    mean, median = (
        rows(
            golden,
            "select value from metrics.int_metric_periods where product_id = 'nine' "
            f"and metric_id = 'job_time_{name}' and period_grain = 'week' and value is not null",
        )[0][0]
        for name in ("finished_mean", "median")
    )
    # neither geometric mean nor Cox's mean is published, only Cox's interval
    x = np.array(inputs["x"], float)
    geometric = means.log_t_geometric_mean(x)
    return {
        "mean": mean,
        "geomean": geometric.value,
        "logt_geomean_ci": geometric.interval,
        "cox_mean": means.modified_cox_mean(x).value,
        "cox_mean_ci": [cox_low, cox_high],
        "median": median,
        "median_ci": median_ci,
    }
