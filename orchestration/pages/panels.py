"""One metric of a card: its chart, its latest value and what is said about it."""

from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.pages.charts import Point, axis_unit, process_chart
from orchestration.pages.figures import day, humanise, interval
from orchestration.pages.marts import Marts, Row, latest_due
from orchestration.pages.notes import chart_note, early_note, launch_note, segment_note
from orchestration.pages.numbers import number_anchor
from orchestration.pages.words import PERIODS, STATES, TONES, VERDICTS, no_value_words
from orchestration.pages.worsening import margin_words, worsening_words

PERIODS_IN_TABLE = 26
POINTS_IN_CHART = 78
WEEKS_OF = {"week": 1, "fortnight": 2, "four_weeks": 4, "month": 5, "thirteen_weeks": 13}
"""Weeks of a period, at most; of a quarter 13 begin in it."""


@dataclass(frozen=True)
class Panel:
    """One metric of a card: chart, latest value and what is said about it."""

    role: str
    metric: Row
    chart: str
    chart_note: str
    limits_note: str
    """That the limits are not the first ones, or are stale; blank where nothing is to say."""
    latest: Row
    """Words of the latest complete value: `value`, `detail`, `reason`, and what taints it."""
    number: str
    """Anchor on the page of recomputed numbers; blank where there is no complete period yet."""
    last_trusted: str
    """The last value that could be used, where the latest one can't; else blank."""
    tone: str
    state: str
    margin: str
    series_end: str
    rows: list[Row]


def lead_panel(marts: Marts, row: Row) -> Panel:
    """The KPI itself."""
    tone = {"improved": "better", "worsened": "worse"}.get(row["signal"] or "", "quiet")
    state = {"improved": "signal: improved", "worsened": "signal: worsened"}.get(
        row["signal"] or "", "no signal"
    )
    if row["pair_verdict"] in ("untrusted", "insufficient_data"):
        tone, state = TONES[row["pair_verdict"]], VERDICTS[row["pair_verdict"]]
    if row["signal_from_date"] and tone in ("better", "worse"):
        state += f" since {day(row['signal_from_date'])}"
    return panel_of(marts, row, row["metric_id"], "Leading", tone, state, "")


def balance_panel(marts: Marts, row: Row, state: Row) -> Panel:
    """One balancing metric with its state and margin."""
    tone, words = STATES[state["state"]]
    if state["reason"] == "untrusted":
        margin = f"margin {margin_words(state)}"
        return panel_of(
            marts, row, state["metric_id"], "Balancing", "mend", "can\u2019t be read", margin
        )
    if state["reason"] == "no_data":
        margin = f"margin {margin_words(state)}"
        return panel_of(marts, row, state["metric_id"], "Balancing", "quiet", "no data yet", margin)
    margin = f"margin {margin_words(state)}"
    if state["difference"] is not None:
        margin = f"{worsening_words(state)}{sides_words(state)}; {margin}"
    elif state["reason"]:
        margin += f"; {state['reason'].replace('_', ' ')}"
    return panel_of(marts, row, state["metric_id"], "Balancing", tone, words, margin)


def sides_words(state: Row) -> str:
    """Which weeks a balance compares; blank where it is not known."""
    if not state["after_from_date"] or not state["before_from_date"]:
        return ""
    after, before = (
        f"{day(first)} to {day(last)}" if first != last else day(first)
        for first, last in (
            (state[f"{side}_from_date"], state[f"{side}_to_date"]) for side in ("after", "before")
        )
    )
    return f", weeks of {after} against {before}"


def panel_of(
    marts: Marts, row: Row, metric_id: str, role: str, tone: str, state: str, margin: str
) -> Panel:
    """Chart, latest value and table rows of one metric of a KPI's product."""
    metric = marts.metrics[metric_id]
    key = (row["product_id"], metric_id)
    charted = marts.points.get(key, [])
    grain = charted[-1]["period_grain"] if charted else metric["natural_period"]
    values = marts.shown_values(*key)
    early = early_readings(values, marts.early_readings.get(key, []))
    points = points_of(values, charted, early) if grain != "outage" else gap_points(charted)
    points = points[-POINTS_IN_CHART:]
    launches = marts.launches.get(key, [])
    return Panel(
        role=role,
        metric=metric,
        chart=process_chart(
            points,
            metric["unit"],
            metric["metric_name"],
            f"c-{row['kpi_id']}-{metric_id}",
            launches,
        ),
        chart_note=f"{axis_unit(points, metric['unit'])[0]} {chart_note(charted, grain)}"
        + launch_note(points, launches)
        + early_note(points),
        limits_note=segment_note(marts.segments.get(key, [])),
        latest=latest_words(values, metric, marts.trust.get(key, [])),
        number=number_anchor(*key) if any(value["is_due"] for value in values) else "",
        last_trusted=last_trusted_words(values, metric["unit"]),
        tone=tone,
        state=state,
        margin=margin,
        series_end=series_end(marts, *key),
        rows=[
            table_row(value, metric["unit"], early.get(value["period_start_date"]))
            for value in values[-PERIODS_IN_TABLE:]
        ],
    )


def early_readings(values: list[Row], readings: list[Row]) -> dict[date, Row]:
    """Readings of weeks without a value yet, by week; none where the instrument is in doubt.

    Whether finishes are missing shows late: a week after ones that were not to be used is no
    better than they are until it is complete.
    """
    latest = latest_due(values)
    if latest is not None and latest["trust_grade"] not in ("A", "B"):
        return {}
    by_week = {row["week_start_date"]: row for row in readings}
    return {
        value["period_start_date"]: by_week[value["period_start_date"]]
        for value in values
        if value["period_grain"] == "week"
        and not value["is_ripe"]
        and value["value"] is None
        and not value["is_suppressed"]
        and value["trust_grade"] in ("A", "B")
        and value["period_start_date"] in by_week
    }


def points_of(
    values: list[Row], charted: list[Row], early: dict[date, Row] | None = None
) -> list[Point]:
    """Chart points for every period of the grid; gaps stay gaps."""
    by_date = {row["period_start_date"]: row for row in charted}
    points = []
    for value in values:
        chart = by_date.get(value["period_start_date"], {})
        rule = chart.get("rule") or ""
        reading = (early or {}).get(value["period_start_date"], {})
        low, high = reading.get("ci_low"), reading.get("ci_high")
        points.append(
            Point(
                start_date=value["period_start_date"],
                value=value["value"],
                centre=chart.get("centre"),
                lower=chart.get("lower_limit"),
                upper=chart.get("upper_limit"),
                is_ripe=value["is_ripe"] and not chart.get("is_short_week"),
                is_struck=value["trust_grade"] == "C",
                is_withheld=value["no_value_reason"] in ("withheld", "suppressed"),
                is_locked=chart.get("limit_state") == "locked",
                segment=chart.get("segment_number"),
                run_rule=int(rule.removeprefix("run_of_")) if rule.startswith("run_of_") else 0,
                is_point_rule=rule == "point",
                side=chart.get("signal_side"),
                early=reading.get("restricted_mean"),
                early_ends=None if low is None or high is None else (low, high),
            )
        )
    return points


def gap_points(charted: list[Row]) -> list[Point]:
    """Chart points for times between outages, one an outage."""
    return [
        point
        for row in charted
        for point in points_of(
            [
                {
                    "period_start_date": row["period_start_date"],
                    "value": row["value"],
                    "is_ripe": (bool(row["is_usable"]) or row["is_baseline"])
                    and not row.get("is_open_gap"),
                    "trust_grade": "A",
                    "no_value_reason": None if row["value"] is not None else "withheld",
                }
            ],
            [row],
        )
    ]


def latest_words(values: list[Row], metric: Row, trust: list[Row]) -> Row:
    """The latest value that is due, with its n and interval, or why there is none."""
    unit = metric["unit"]
    latest = latest_due(values)
    if latest is None:
        return {
            "value": "", "is_struck": False, "detail": "", "reason": "no complete period yet",
            "is_untrusted": False,
        }  # fmt: skip
    of_period = f"{PERIODS[latest['period_grain']][0]} of {day(latest['period_start_date'])}"
    if latest["value"] is None:
        reason = no_value_words(latest["no_value_reason"])
        why = trust_of(trust, latest)
        if latest["no_value_reason"] == "withheld" and why:
            reason += f": {why['reason']}{of_another_week(why, latest)}"
            reason += f". To mend: {why['repair_hint']}" if why["repair_hint"] else ""
        # a reliability without failures still has a lower bound
        bound = interval(latest["ci_low"], latest["ci_high"], unit)
        detail = "; ".join(filter(None, (bound_words(latest, unit), of_period)))
        return {
            "value": bound, "is_struck": False, "detail": detail, "reason": reason,
            "is_untrusted": latest["no_value_reason"] == "withheld",
        }  # fmt: skip
    low = latest["ci_low"]
    if metric["kind"] == "duration" and low is not None and low < 0:
        # symmetric about the mean, the interval may reach where no time can lie
        low = None
    ends = interval(low, latest["ci_high"], unit)
    details = [f"95 % interval {ends}" if ends else "no interval"]
    if latest["unit_count"] is not None:
        details.append(f"n = {latest['unit_count']}")
    if latest["open_count"]:
        details.append(f"{latest['open_count']} open")
    details += filter(None, [bound_words(latest, unit)])
    is_struck = latest["trust_grade"] == "C"
    why = trust_of(trust, latest) if is_struck else None
    return {
        "value": humanise(latest["value"], unit),
        "is_struck": is_struck,
        "detail": "; ".join([*details, of_period]),
        "reason": f"not to be used: {why['reason']}{of_another_week(why, latest)}" if why else "",
        "is_untrusted": is_struck,
    }


def last_trusted_words(values: list[Row], unit: str) -> str:
    """The last value that could be used, with its date, where the latest one can't; else blank."""
    latest = latest_due(values)
    if latest is None or latest["last_trusted_value"] is None:
        return ""
    of_period = PERIODS[latest["period_grain"]][0]
    since = day(latest["last_trusted_period_start_date"])
    return f"Last trusted: {humanise(latest['last_trusted_value'], unit)}, {of_period} of {since}"


def bound_words(value: Row, unit: str) -> str:
    """Between what the value lies in truth where finishes are missing; blank where none are."""
    ends = interval(value["bound_low"], value["bound_high"], unit)
    return f"with the missing finishes: {ends}" if ends else ""


def trust_of(trust: list[Row], value: Row) -> Row | None:
    """What lowered a period: the latest such week of its own, else the next after it.

    Later weeks have other figures, which are not those of the value; where none of its own weeks
    was lowered, a source fell silent after them.
    """
    first = value["period_start_date"]
    end = first + timedelta(weeks=WEEKS_OF.get(value["period_grain"], 13))
    lowered = [row for row in trust if row["week_start_date"] >= first and row["grade"] in "CD"]
    own = [row for row in lowered if row["week_start_date"] < end]
    return own[-1] if own else next(iter(lowered), None)


def of_another_week(why: Row, value: Row) -> str:
    """The week that a reason is of, where it is not the period that stands below it."""
    is_same = value["period_grain"] == "week" and (
        why["week_start_date"] == value["period_start_date"]
    )
    return "" if is_same else f", in the week of {day(why['week_start_date'])}"


def table_row(value: Row, unit: str, early: Row | None = None) -> Row:
    """One period of the data table as words; a week that is not complete by its early reading."""
    if early is not None:
        return early_row(value, early, unit)
    notes = []
    if not value["is_ripe"]:
        notes.append("not complete" if value["value"] is not None else "")
    if value["trust_grade"] == "C":
        notes.append("trust C")
    shown = humanise(value["value"], unit)
    if value["value"] is None:
        shown = no_value_words(value["no_value_reason"])
    return {
        "period": value["period_start_date"],
        "value": shown,
        "is_struck": value["trust_grade"] == "C" and value["value"] is not None,
        "is_missing": value["value"] is None,
        "n": value["unit_count"],
        "interval": interval(value["ci_low"], value["ci_high"], unit),
        "note": ", ".join(note for note in notes if note),
    }


def early_row(value: Row, early: Row, unit: str) -> Row:
    """A week that is not complete: the mean that its items so far point to, or who finished."""
    method = "Aalen-Johansen" if early["cancelled_count"] else "Kaplan-Meier"
    shown, ends = humanise(early["restricted_mean"], unit), ""
    if early["restricted_mean"] is None:
        age = humanise(early["followed_to"], unit)
        shown = f"{humanise(early['finished_share'], '%')} finished by an age of {age}"
    else:
        ends = interval(early["ci_low"], early["ci_high"], unit)
    return {
        "period": value["period_start_date"],
        "value": shown,
        "is_struck": False,
        "is_missing": True,
        "n": early["item_count"],
        "interval": ends,
        "note": f"early reading, {method}; {early['open_count']} still open",
    }


def series_end(marts: Marts, product_id: str, metric_id: str) -> str:
    """That a source of the metric ended, and when; blank while all run."""
    ends = [
        marts.sources[row["source_id"]]["observed_until_at"]
        for row in marts["dim_metric_sources"]
        if row["product_id"] == product_id
        and row["metric_id"] == metric_id
        and row["source_id"] in marts.sources
        and marts.sources[row["source_id"]]["has_ended"]
    ]
    return f"series ended {day(min(ends))}" if ends else ""
