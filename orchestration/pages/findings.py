"""What the checks of a source found, in words: each figure with its unit and how many it is of."""

from datetime import date, timedelta

from expectations.suites.remedies import RENAMED
from orchestration.defs.judge.instrument_history import REST_WEEKS
from orchestration.defs.judge.instrument_renames import is_renamed
from orchestration.defs.judge.norms import AGAINST_PAST, ALSO_AGAINST_PAST, WITHOUT_END, norm_of
from orchestration.defs.judge.repairs import remedy_of
from orchestration.defs.judge.trust_causes import CAUSES
from orchestration.defs.judge.trust_reasons import figures, told_figures
from orchestration.pages.examples import places_of
from orchestration.pages.figures import counted, day
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.pages.portfolio import p_words

SEVERITIES = ("passed", "warned", "failed", "blocked")
STANDING_WEEKS = 8
"""Weeks with a warning of one check, in the strip, from which it is told apart."""
RECENT_WEEKS = 2
"""A warning stands where it came in one of so many latest weeks of its source."""
OF_A_METRIC = 14
"""The check whose figures are in the unit of a metric's denominator."""

STANDS = {
    17: "The event does not come. Mend the tool, or take its row off the tracking plan.",
    18: "The tool goes on sending it. Name it in the plan, or stop sending it.",
    19: "The values go on so: see whether two sources, teams or ways of counting take turns in it.",
}
AGAINST_A_LIMIT = "The limit is a fixed one: it stands until the tool is mended."


def _mend(row: Row) -> str:
    """Return what mends a finding; nothing where nothing is known to."""
    defect = RENAMED if is_renamed(row.get("finding")) else row["defect"]
    remedy = remedy_of(row["check_id"], defect)
    return remedy.mend if remedy else ""


def findings_of(marts: Marts, source_id: str, weeks: list[date]) -> list[Row]:
    """Latest failed or blocked result per check and event type within the strip.

    Warnings too where lines of the landing zone show what they are about.
    """
    found: dict[tuple, list[Row]] = {}
    for row in marts.checks.get((source_id,), []):
        if weeks and row["week_start_date"] < weeks[0]:
            continue
        if row["severity"] >= 2 or example_key(row) in marts.examples:
            found.setdefault((row["check_id"], row["event_type"]), []).append(row)
    told = [
        [row for row in rows if row["severity"] >= 2] or rows
        for _, rows in sorted(
            found.items(),
            key=lambda item: (item[1][-1]["defect"] not in CAUSES, item[0]),
        )
    ]
    return [
        about(row)
        | {
            "severity": SEVERITIES[row["severity"]],
            "is_lost": row["severity"] >= 2,
            "when": when_words(rows),
            "figures": figure_words(marts, row),
            "seen": row["note"] or (row["defect"] or "").replace("_", " "),
            "mend": _mend(row),
            "examples": places_of(marts.examples.get(example_key(row), [])),
            "shown": next((r["line_shows"] for r in marts.examples.get(example_key(row), [])), ""),
        }
        for rows in told
        for row in [max(rows, key=lambda row: row["week_start_date"])]
    ]


def warnings_of(marts: Marts, source_id: str, weeks: list[date]) -> list[Row]:
    """Checks that only warn, and do so in many weeks of the strip; those that stand first.

    What was taken for a norm stays, however long ago: that it was mended nobody has said.
    """
    told = []
    of_source = marts.checks.get((source_id,), [])
    for (check_id, _), results in grouped(of_source, "check_id", "event_type").items():
        norm = norm_of(results)
        rows = [
            row
            for row in results
            if weeks and row["week_start_date"] >= weeks[0] and row["severity"] == 1
        ]
        since = [row for row in rows if norm and row["week_start_date"] >= norm.since]
        if norm and len(since) < STANDING_WEEKS:
            rows = [row for row in results if norm.has(row["week_start_date"]) and row["severity"]]
        elif len(rows) < STANDING_WEEKS:
            continue
        else:
            # what goes on since is told before what became the norm
            norm = None
        latest = max(rows, key=lambda row: row["week_start_date"])
        stands = bool(weeks) and latest["week_start_date"] >= weeks[-RECENT_WEEKS:][0]
        first = min(row["week_start_date"] for row in rows)
        span = f"{day(first)} to {day(latest['week_start_date'])}"
        of = "" if norm else f" of {counted(len(weeks), 'week')}"
        counted_weeks = counted(len(rows), "week") if norm else f"{len(rows)}{of}"
        told.append(
            about(latest)
            | {
                "stands": stands,
                "is_norm": norm is not None,
                "when": f"{counted_weeks}, those of {span}",
                "figures": figure_words(marts, latest),
                "why": norm.words() if norm else why_words(check_id, rows) if stands else "",
                "defect": latest["defect"] or "",
                "week_count": len(rows),
            }
        )
    order = {(True, False): 0, (False, True): 1, (True, True): 1, (False, False): 2}
    return sorted(
        told,
        key=lambda row: (order[row["stands"], row["is_norm"]], -row["week_count"], row["check"]),
    )


def why_words(check_id: int, rows: list[Row]) -> str:
    """Why a warning goes on week after week, and until when."""
    if check_id not in (*AGAINST_PAST, WITHOUT_END) and rows[-1]["defect"] not in ALSO_AGAINST_PAST:
        return STANDS.get(check_id, AGAINST_A_LIMIT)
    weeks = {row["week_start_date"] for row in rows}
    first = max(weeks)
    while first - timedelta(weeks=1) in weeks:
        first -= timedelta(weeks=1)
    norm = day(first + timedelta(weeks=REST_WEEKS))
    return (
        f"It lasts since the week of {day(first)}. Mend the tool if it is broken; if the work "
        f"changed, this is the new norm from the week of {norm}."
    )


def about(row: Row) -> Row:
    """Which check found it, and on which events."""
    return {
        "check": (row["check_name"] or "").replace("_", " "),
        "event_type": "all types" if row["event_type"] == "*" else row["event_type"],
    }


def when_words(rows: list[Row]) -> str:
    """In how many weeks something was found, and the latest of them."""
    latest = day(max(row["week_start_date"] for row in rows))
    if len(rows) == 1:
        return f"in the week of {latest}"
    return f"{counted(len(rows), 'week')}, latest {latest}"


def figure_words(marts: Marts, row: Row) -> list[str]:
    """What was seen, of how many, what was expected, and the chance of it; none where hidden."""
    told = told_figures(row)
    if told is None:
        return [row["finding"]] if row.get("finding") else []
    if row["check_id"] == OF_A_METRIC:
        told = of_metric(marts, row)
    said = [f"{row['finding']}: {told}" if row.get("finding") else told]
    if row["p_value"] is not None:
        chance = p_words(row["p_value"])
        said.append(f"p {chance}" if chance.startswith("<") else f"p = {chance}")
    return said


def of_metric(marts: Marts, row: Row) -> str:
    """What was found on a denominator in its unit, as the trust of its metric tells it."""
    opening = f"{row.get('finding') or row['defect']} ({row['event_type']}): "
    told = [
        trust
        for trust in marts.reasons.get((row["source_id"], row["week_start_date"]), [])
        if trust["reason"].startswith(opening)
    ]
    # of several metrics whose denominators fell none can be told to be the one of this row
    if len({(trust["product_id"], trust["metric_id"]) for trust in told}) == 1:
        return told[0]["reason"].removeprefix(opening)
    return figures(row)


def example_key(row: Row) -> tuple:
    """Where the examples of a result of a check stand."""
    return (row["source_id"], row["event_type"], row["week_start_date"], row["check_id"])
