"""What recorded launches did: before and after, what the design ascribes to them, its worth."""

from dataclasses import dataclass

from orchestration.pages.branches import p_words
from orchestration.pages.figures import (
    MINUS,
    counted,
    day,
    difference,
    differences,
    humanise,
    interval,
    plain,
    short_unit,
)
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.pages.words import DESIGNS, HORIZONS, no_estimate_words


@dataclass(frozen=True)
class Launch:
    """One intervention: a line per horizon, and what has to be said about its window."""

    what: str
    metric: Row
    date: object
    design: str
    horizons: list[Row]
    notes: list[str]
    missing: str
    """Why there is no estimate at all; blank where a horizon has one."""


def launches_of(marts: Marts) -> dict[tuple[str, str], list[Launch]]:
    """Launches by product and metric, earliest first."""
    found: dict[tuple[str, str], list[Launch]] = {}
    by_launch = grouped(marts["fct_impact_estimates"], "intervention_id").values()
    for rows in sorted(
        by_launch, key=lambda rows: (rows[0]["launch_date"], rows[0]["what_launched"])
    ):
        key = (rows[0]["product_id"], rows[0]["metric_id"])
        found.setdefault(key, []).append(_launch(marts, rows))
    return found


def _launch(marts: Marts, rows: list[Row]) -> Launch:
    order = list(HORIZONS)
    rows = sorted(rows, key=lambda row: order.index(row["horizon"]))
    window = rows[0]
    metric = marts.metrics[window["metric_id"]]
    horizons = [_horizon(row, metric["unit"]) for row in rows]
    return Launch(
        what=window["what_launched"],
        metric=metric,
        date=window["launch_date"],
        design=DESIGNS[window["design"]],
        horizons=horizons,
        notes=[*_notes(window, metric["unit"]), *_value(window)],
        missing="" if any(row["has_values"] for row in horizons) else _missing(horizons),
    )


def _missing(horizons: list[Row]) -> str:
    """Each reason once, with the weeks that it holds for."""
    reasons: dict[str, list[str]] = {}
    for row in horizons:
        reasons.setdefault(row["reason"], []).append(f"{row['name'].lower()} {row['weeks']}")
    return "; ".join(f"{reason} ({', '.join(weeks)})" for reason, weeks in reasons.items())


def _horizon(row: Row, unit: str) -> Row:
    """One line: both windows, the change with its interval, the effect or why there is none."""
    reason = row["no_value_reason"]
    short = short_unit(unit)
    change, effect, low, high = differences(
        [row[name] for name in ("change", "effect", "ci_low", "ci_high")], short
    )
    is_judged = row["design"] != "before_after"
    return {
        "name": HORIZONS[row["horizon"]],
        "weeks": f"{day(row['after_from_date'])} to {day(row['after_to_date'])}",
        "before": humanise(row["before_value"], short),
        "after": humanise(row["after_value"], short),
        "change": change,
        "interval": "no interval" if row["ci_low"] is None else f"{low.split()[0]} to {high}",
        # without a design that tells more, the effect is no more than the change
        "effect": effect if is_judged else "as the change",
        "reason": no_estimate_words(reason) if reason else "",
        "has_values": row["change"] is not None,
    }


def _notes(row: Row, unit: str) -> list[str]:
    """How the effect of the window is to be read, by its design."""
    if row["effect"] is None:
        return []
    short = short_unit(unit)
    notes = []
    if row["design"] == "difference_in_differences":
        notes += _control_notes(row, short)
    elif row["design"] == "interrupted_series":
        there = row["counterfactual_at_last"]
        notes.append(
            f"Effect in the last week, against {humanise(there, short)} that the line before"
            " would have given."
        )
        if row["false_start_count"]:
            notes.append(
                f"No p is given; {row['false_start_rank']} of {row['false_start_count']} made-up"
                " launch dates before show a step as large."
            )
    elif row["design"] == "deflection" and row["avoided"] is not None:
        ends = interval(row["avoided_low"], row["avoided_high"], "number")
        notes.append(f"Kept away since: about {_signed(row['avoided'])} (95 % interval {ends}).")
    if row["design"] == "before_after":
        notes.append("Whatever else happened in these weeks is in it; the chart is the test.")
    else:
        notes.append("First month and first quarter are before and after only.")
    return notes


def _control_notes(row: Row, unit: str) -> list[str]:
    count = row["control_count"]
    notes = [
        f"Effect: the change less {difference(row['control_change'], unit)}, the mean change of"
        f" {counted(count, 'control')}."
    ]
    if row["p_value"] is None:
        notes.append("No p: its rank needs at least 5 controls.")
    else:
        least = 1 / (count + 1)
        rank = f"By rank among the controls {p_words(row['p_value'])}"
        if row["p_value"] <= least * 1.0001:
            notes.append(f"{rank}; no smaller p is possible with {counted(count, 'control')}.")
        else:
            notes.append(
                f"{rank}; the smallest possible with {counted(count, 'control')} is {least:.2f}."
            )
    if row["has_flat_difference_before"] is False:
        notes.append(
            "The distance to the controls was not shown to be steady before: doubt the effect."
        )
    return notes


def _value(row: Row) -> list[str]:
    """Capacity, with the range over all that was declared; never called money saved."""
    if row["capacity_value"] is None:
        return []
    currency = f" {row['currency']}" if row["currency"] else ""
    low, high = (_signed(row[f"capacity_value_{end}"]) for end in ("low", "high"))
    words = f"Capacity value, not money saved: {_signed(row['capacity_value'])}{currency}"
    words += f" ({low} to {high}{currency})"
    return [words + ("." if row["is_value_shown"] else "; not shown to differ from zero.")]


def _signed(number: float) -> str:
    size = abs(number)
    words = f"{size:,.0f}" if size >= 99.5 else plain(size, 1)
    return f"{MINUS}{words}" if number < 0 and words != "0" else words
