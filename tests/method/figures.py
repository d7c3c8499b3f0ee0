"""The worked cases that SQL computes, on rows made of the case's inputs."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from orchestration.defs.judge.instrument_pvalues import clock_skews
from orchestration.method import charts, proportions, rates, volumes
from orchestration.method.intervals import normal_quantile
from orchestration.method.rules import zone_alarms
from tests.method.cases import CASES, worked
from tests.method.formulas import limits, numbers
from tests.method.models import build, model, sql, table
from tests.suppression.test_segment_rules import hidden_by_sql, team

MONDAY = date(2024, 1, 1)
SEEDS = Path(__file__).parents[2] / "seeds/reference"
POINTS = (
    "product_id varchar, metric_id varchar, chart_grain varchar, point_number integer, "
    "period_start_date date, value double, judged_upper_limit double, "
    "judged_lower_limit double, z double, "
    "side smallint, limit_state varchar, judged_segment_number integer, is_usable boolean, "
    "is_judged_baseline boolean, is_open_gap boolean, required_run integer, trust_grade varchar, "
    "no_value_reason varchar, is_ripe boolean"
)


def rules(values: list[float], chart: charts.Chart) -> list[dict]:
    """Return a row of `int_chart_rules` per value, all of them after the baseline."""
    width = charts.half_width(chart)
    assert chart.sigma_hat is not None
    rows = [
        {
            "product_id": "p",
            "metric_id": "m",
            "chart_grain": "week",
            "point_number": number + 1,
            "period_start_date": MONDAY + timedelta(weeks=number),
            "value": value,
            "judged_upper_limit": chart.centre + width,
            "judged_lower_limit": chart.centre - width,
            "z": (value - chart.centre) / chart.sigma_hat,
            "side": (value > chart.centre) - (value < chart.centre),
            "limit_state": "locked",
            "judged_segment_number": 1,
            "is_usable": True,
            "is_judged_baseline": False,
            "is_open_gap": False,
            "required_run": chart.required_run,
            "trust_grade": "A",
            "is_ripe": True,
        }
        for number, value in enumerate(values)
    ]
    with duckdb.connect() as connection:
        table(connection, "guard.chart_points", POINTS, rows)
        connection.execute("create schema signals")
        build(connection, "int_chart_rules")
        return (
            connection.execute("from signals.int_chart_rules order by point_number")
            .df()
            .to_dict("records")
        )


def locked_chart() -> charts.Chart:
    """Return the chart of `xmr_limits`."""
    x = numbers(CASES["xmr_limits"]["inputs"]["x"])
    return charts.fit_xmr(x, numbers(range(len(x))).astype(int), "raw")


def runs(found: list[dict]) -> list[int]:
    """Return the positions at which the run of eight fires."""
    return [row["point_number"] for row in found if (row["run_length"] or 0) >= row["required_run"]]


@worked("xmr_rules")
def _(inputs: Any) -> dict:
    chart = locked_chart()
    found = rules(inputs["values"], chart)
    z = numbers([(value - chart.centre) / chart.sigma_hat for value in inputs["values"]])
    hints = {"r_3of4": (3, 4, 1.5), "r_2of3": (2, 3, 2.0), "r_4of5": (4, 5, 1.0)}
    return {
        "r1": [row["point_number"] for row in found if row["is_point_high"] or row["is_point_low"]],
        "r_run8": runs(found),
        **{name: 1 + zone_alarms(z, *rule).nonzero()[0] for name, rule in hints.items()},
    }


@worked("xmr_run_on_centre")
def _(inputs: Any) -> dict:
    return {"run8_fires_at": runs(rules(inputs["values"], locked_chart()))}


@worked("xmr_shift_segment")
def _(inputs: Any) -> dict:
    found = rules(inputs["values"], locked_chart())
    first = found[runs(found)[0] - 1]
    start = (first["run_from_date"].date() - MONDAY).days // 7
    values = numbers(inputs["values"][start : first["point_number"]])
    segment = charts.mean_chart(values, numbers(range(len(values))).astype(int), "raw")
    low, high = limits(segment)
    return {
        "start": start + 1,
        "n": len(values),
        "mean": segment.centre,
        "mean_mr": segment.mean_mr,
        "unpl": high,
        "lnpl": low,
    }


REFERENCE = Path(__file__).parents[2] / "seeds" / "reference"
TASKS = (
    "product_id varchar, task_type_id varchar, task_id varchar, match_value varchar, "
    "week_start_date date, state varchar, actor_id varchar, duration_us bigint, working_us bigint"
)
DURATION_METRICS = (
    "metric_id varchar, task_type_id varchar, kind varchar, unit varchar, tau_hours double, "
    "clock varchar, minimum_n bigint"
)
PERIOD_WEEKS = (
    "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date, "
    "week_start_date date, is_week_ripe boolean"
)
KEYS = {"product_id": "p", "metric_id": "time"}


def duration_weeks(tasks: list[tuple[int, float | None]], tau: float) -> dict[int, dict]:
    """Return what ripe weeks publish of tasks (start week, days or None where open)."""
    weeks = sorted({week for week, _ in tasks})
    mondays = {week: MONDAY + timedelta(weeks=week) for week in weeks}
    with duckdb.connect() as connection:
        metric = {"metric_id": "time", "task_type_id": "task", "kind": "duration"}
        metric |= {"unit": "days", "tau_hours": tau * 24}
        table(connection, "registry.metrics", DURATION_METRICS, [metric])
        connection.execute("create schema metrics")
        table(
            connection,
            "metrics.int_product_metrics",
            "product_id varchar, metric_id varchar",
            [KEYS],
        )
        periods = [
            KEYS | {"period_grain": "week", "is_week_ripe": True}
            | {"period_start_date": monday, "week_start_date": monday}
            for monday in mondays.values()
        ]  # fmt: skip
        table(connection, "metrics.int_metric_period_weeks", PERIOD_WEEKS, periods)
        connection.execute(
            "create table metrics.int_metric_sums as select product_id, metric_id, period_grain, "
            "period_start_date, true as is_ripe, false as is_provisional "
            "from metrics.int_metric_period_weeks"
        )
        rows = [
            {"product_id": "p", "task_type_id": "task", "task_id": str(number)}
            | {"week_start_date": mondays[week], "state": "open" if days is None else "finished"}
            | {"duration_us": None if days is None else round(days * 86_400_000_000)}
            for number, (week, days) in enumerate(tasks)
        ]
        table(connection, "core.int_task_facts", TASKS, rows)
        connection.execute("create schema reference")
        for name in ("ref_t_quantile", "ref_quantile_ranks"):
            path = REFERENCE / f"{name}.csv"
            connection.execute(f"create table reference.{name} as from read_csv('{path}')")
        build(connection, "int_duration_items", "int_sums_duration", "int_duration_ranks")
        build(connection, "int_duration_limits", "int_values_duration_companions")
        found: dict[int, dict] = defaultdict(dict)
        sums = connection.execute(
            "select period_start_date, numerator, denominator, open_count "
            "from metrics.int_sums_duration"
        ).fetchall()
        for monday, numerator, denominator, open_count in sums:
            found[(monday - MONDAY).days // 7] |= {
                "rmst": numerator / denominator,
                "open": open_count,
                "finished_share": 1 - open_count / denominator,
            }
        companions = connection.execute(
            "select period_start_date, metric_id, value from metrics.int_values_duration_companions"
        ).fetchall()
        for monday, metric_id, value in companions:
            found[(monday - MONDAY).days // 7][metric_id] = value
        return found


@worked("ripe_cohort")
def _(inputs: Any) -> dict:
    week = duration_weeks([(0, days) for days in inputs["durations"]], inputs["tau"])[0]
    return {
        "rmst": week["rmst"],
        "median": week["time_median"],
        "finished_share": week["finished_share"],
    }


@worked("cohort_attribution")
def _(inputs: Any) -> dict:
    tasks = [
        (start // 7, None if end is None else end - start) for _, start, end in inputs["tasks"]
    ]
    weeks = duration_weeks(tasks, 14)
    return {
        "mean_finished_by_start_week": {w: row["time_finished_mean"] for w, row in weeks.items()},
        "rmst14_by_start_week": {w: row["rmst"] for w, row in weeks.items()},
        "open_by_start_week": {w: row["open"] for w, row in weeks.items()},
    }


ITEMS = (
    "product_id varchar, task_type_id varchar, match_value varchar, item_number integer, "
    "subject_id varchar, start_source_id varchar, start_event_id varchar, "
    "finish_source_id varchar, started_at timestamp, ended_at timestamp, is_cancelled boolean, "
    "reopen_count integer, week_start_date date, actor_id varchar, segment_id varchar, "
    "environment varchar, causation_id varchar, start_data varchar, finish_data varchar"
)
PAUSES = (
    "product_id varchar, task_type_id varchar, match_value varchar, paused_at timestamp, "
    "resumed_at timestamp"
)


@worked("working_hours")
def _(inputs: Any) -> dict:
    calendar, key = inputs["calendar"], {"calendar_id": "office"}
    days = [
        key
        | {"time_zone": "UTC", "weekday": n, "opens": calendar["from"], "closes": calendar["to"]}
        for n in range(1, 6)
    ]
    tasks = [
        {"product_id": "p", "task_type_id": "task", "match_value": name, "item_number": 1}
        | {"subject_id": name, "started_at": start, "ended_at": end, "is_cancelled": False}
        for name, (start, end) in inputs["tasks"].items()
    ]
    with duckdb.connect() as connection:
        columns = "calendar_id varchar, time_zone varchar, weekday integer, opens varchar, "
        table(connection, "registry.calendars", columns + "closes varchar", days)
        holidays = [key | {"date": day} for day in calendar["holidays"]]
        table(connection, "registry.holidays", "calendar_id varchar, date date", holidays)
        columns = "task_type_id varchar, calendar_id varchar, pause_event_type varchar"
        table(connection, "registry.task_types", columns, [key | {"task_type_id": "task"}])
        as_of = {"as_of_at": max(end for _, end in inputs["tasks"].values())}
        columns = "as_of_at timestamp, reporting_time_zone varchar"
        context = [as_of | {"reporting_time_zone": "UTC"}]
        table(connection, "registry.run_context", columns, context)
        columns = "source_id varchar, observed_until timestamp"
        table(connection, "registry.sources", columns, [])
        table(connection, "core.int_task_items", ITEMS, tasks)
        table(connection, "core.int_task_pauses", PAUSES, [])
        table(connection, "registry.settings", "setting varchar, value varchar", [])
        build(connection, "int_working_intervals", "int_task_facts", "int_tasks")
        found = connection.execute(
            "select subject_id, duration_us / 36e8, working_us / 36e8 from core.int_tasks"
        ).fetchall()
    return {name: {"calendar_h": whole, "working_h": work} for name, whole, work in found}


@worked("suppression")
def _(inputs: Any) -> dict:
    children = {child["team"]: child["n"] for child in inputs["children"]}
    hidden = hidden_by_sql({name: team(name, n) for name, n in children.items()}, render=model)
    return {
        "primary": [name for name, reason in hidden.items() if reason != "complementary"],
        "complementary": [name for name, reason in hidden.items() if reason == "complementary"],
        "published": [*sorted(set(children) - set(hidden)), "parent"],
        "hidden_total": sum(children[name] for name in hidden),
    }


@worked("suppression_drop")
def _(inputs: Any) -> dict:
    rosters = [
        KEYS | {"week_start_date": MONDAY + timedelta(weeks=number), "person_key": person}
        | {"sides": "both"}
        for number, people in enumerate(inputs["weeks"])
        for person in people
    ]  # fmt: skip
    with duckdb.connect() as connection:
        columns = "metric_id varchar, metric_version integer"
        table(connection, "registry.metrics", columns, [{"metric_id": "time", "metric_version": 1}])
        table(
            connection,
            "registry.run_context",
            "run_id varchar, as_of_at timestamp",
            [{"run_id": "r"}],
        )
        least = [{"metric_id": "time", "least_people": inputs["k"]}]
        columns = "metric_id varchar, least_people integer"
        table(connection, "metrics.int_metric_least_people", columns, least)
        table(
            connection,
            "metrics.int_rosters",
            "product_id varchar, metric_id varchar, week_start_date date, person_key varchar, "
            "sides varchar",
            rosters,
        )
        build(connection, "int_published_rosters")
        shown = connection.execute(
            "select distinct week_start_date from metrics.int_published_rosters"
        ).fetchall()
    weeks = {(monday - MONDAY).days // 7 for (monday,) in shown}
    return {
        "n": [len(people) for people in inputs["weeks"]],
        "publish": [number in weeks for number in range(len(inputs["weeks"]))],
    }


def both_limits(macro: str, *parts: float) -> list[float]:
    """Return both 95 % limits that a macro of the models computes."""
    told = ", ".join(f"'cast({part} as double)'" for part in parts)
    z = normal_quantile(0.95)
    calls = [f"{{{{ {macro}({told}, {z!r}, '{side}') }}}}" for side in ("lower", "upper")]
    low, high = duckdb.execute(sql(f"select {', '.join(calls)}")).fetchall()[0]
    return [low, high]


@worked("proportion_ci")
def _(inputs: Any) -> dict:
    found = {}
    for case in inputs["cases"]:
        x, n = map(float, case.split("/"))
        found[case] = {
            "wilson": both_limits("score_limit", x, n),
            "jeffreys": proportions.jeffreys(x, n),
            "clopper_pearson": proportions.clopper_pearson(x, n),
        }
    return found


@worked("poisson_ci")
def _(inputs: Any) -> dict:
    with (SEEDS / "ref_poisson_limits.csv").open(newline="", encoding="utf-8") as file:
        served = {
            int(row["event_count"]): [float(row["lower_limit"]), float(row["upper_limit"])]
            for row in csv.DictReader(file)
            if row["confidence_level"] == "0.95"
        }
    # of no events Byar has no lower limit; the models use it beyond 500
    byar = {c: both_limits("byar_limit", c) if c else rates.byar(c) for c in inputs["count"]}
    return {c: {"garwood": served[c], "byar": byar[c]} for c in inputs["count"]}


@worked("noninferiority")
def _(inputs: Any) -> dict:
    found = {}
    for name, case in inputs.items():
        after, before = case["after"], case["before"]
        low, high = proportions.newcombe_difference(*after, *before, confidence=0.9)
        decide = sql("select {{ balance_state('$low', '$high', '$margin', 'false', 'false') }}")
        given = {"low": float(low), "high": float(high), "margin": case["margin"]}
        state = duckdb.execute(decide, given).fetchall()[0][0]
        difference = after[0] / after[1] - before[0] / before[1]
        found[name] = {"diff": difference, "ci90": [low, high], "state": state}
    return found


@worked("verdicts")
def _(inputs: Any) -> list:
    decide = sql("""
        select {{ verdict_of_rule('case when $tripped then 1 else pair_rule end') }}
        from (
            select
                {{ pair_rule('$grade', '$enough', '$signal', '$balances', '$breached', '$held') }}
                as pair_rule
        )
    """)
    verdicts = []
    for grade, signal, balances, tripwire, enough in inputs:
        # a balance of trust C or D is unresolved before the table is looked at; only a crossing
        # of trust A to C counts as one
        states = ["unresolved" if trust in "CD" else state for state, trust in balances]
        given = {"grade": grade, "enough": enough, "signal": signal, "balances": len(states)}
        given |= {"breached": states.count("breached"), "held": states.count("held")}
        given["tripped"] = tripwire == "yes"
        verdicts.append(duckdb.execute(decide, given).fetchall()[0][0])
    return verdicts


EVENTS = (
    "source_id varchar, event_type varchar, event_id varchar, occurred_at timestamp, "
    "received_at timestamp, occurred_week_start_date date, classification varchar, "
    "reason varchar, is_heartbeat boolean, has_receive_clock boolean"
)
START = datetime(2024, 1, 1)


def event_row(number: int, **more: Any) -> dict:
    return {
        "source_id": "s",
        "event_type": "t",
        "event_id": f"e{number:04d}",
        "occurred_at": START,
        "received_at": START,
        "occurred_week_start_date": MONDAY,
        "classification": "accepted",
        "is_heartbeat": False,
        "has_receive_clock": True,
        **more,
    }


@worked("duplicates")
def _(inputs: Any) -> dict:
    redelivered = inputs["raw"] - inputs["distinct_source_id"]
    twice = inputs["distinct_source_id"] - inputs["distinct_business_key"]
    reasons = ["same_id"] * redelivered + ["same_business_key"] * twice
    rows = [event_row(n, classification="duplicate", reason=r) for n, r in enumerate(reasons)]
    rows += [event_row(n) for n in range(len(rows), inputs["raw"])]
    with duckdb.connect() as connection:
        table(connection, "intake.int_events_known", EVENTS, rows)
        connection.execute("create schema instruments")
        build(connection, "int_instrument_events_counted")
        received, again, distinct, double = connection.execute(
            "select received_count, redelivered_count, distinct_count, counted_twice_count "
            "from instruments.int_instrument_events_counted"
        ).fetchall()[0]
    return {
        "redelivery_rate": again / received,
        "double_count_rate": double / distinct,
        "total_inflation": received / (distinct - double) - 1,
    }


def clock(lags: list[timedelta]) -> Any:
    """Return the row of `int_instrument_clocks_compared` of events with these lags."""
    later = START + timedelta(days=1)
    rows = [event_row(n, occurred_at=later, received_at=later + lag) for n, lag in enumerate(lags)]
    with duckdb.connect() as connection:
        table(connection, "intake.int_events_known", EVENTS, rows)
        columns = "source_id varchar, lateness_hours double, observed_until timestamp"
        table(connection, "registry.sources", columns, [{"source_id": "s"}])
        columns = "metric_id varchar, task_type_id varchar, tau_hours double"
        table(connection, "registry.metrics", columns, [])
        columns = "task_type_id varchar, start_event_type varchar, finish_event_type varchar"
        table(connection, "registry.task_types", columns, [])
        connection.execute("create schema instruments")
        for name in ("int_source_days_counted", "int_instrument_lags_counted"):
            build(connection, name)
        build(connection, "int_instrument_clocks_compared")
        return connection.execute("from instruments.int_instrument_clocks_compared").df()


@worked("clock_skew")
def _(inputs: Any) -> dict:
    lags = inputs["lag_s"]
    found = clock([timedelta(seconds=seconds) for seconds in lags])
    judged = clock_skews(
        found.assign(
            n=found.event_count,
            numerator=found.negative_count,
            statistic=found.median_lag_seconds,
            expected=found.shortest_tau_seconds,
        ),
        minimum_n=1,
    ).iloc[0]
    return {
        "median": judged.statistic,
        "mad": volumes.median_deviation(numbers(lags)),
        "share_negative": judged.negative_share,
        "robust_z_of_3": volumes.robust_z(3, numbers(lags)),
        # by the default thresholds a clock five seconds ahead fails
        "verdict": "skewed" if judged.ahead_seconds > 5 else "sound",
    }


@worked("two_clocks")
def _(inputs: Any) -> dict:
    found = clock([timedelta(days=days) for days in inputs["lag_days"]])
    return {"days_to_95pct": found.p95_lag_hours[0] / 24}


@worked("mr_rate")
def _(inputs: Any) -> dict:
    month, members = inputs["days_in_month"], inputs["members"]
    half = [month] * (members - inputs["joined_half_month"]) + [month / 2]
    return {
        "five_full_members": rates.per_person_month(inputs["merged"], [month] * members, month),
        "four_full_one_half": rates.per_person_month(inputs["merged"], half, month),
    }
