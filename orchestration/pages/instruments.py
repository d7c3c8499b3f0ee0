"""What the quality report says of sources: gaps in the plan, and how late events arrive."""

from typing import Any

from orchestration.pages.examples import places_of
from orchestration.pages.figures import counted, day, humanise, listed
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.pages.strips import lateness_curve

GAPS = {
    "never_seen": ("mend", "planned, never seen"),
    "not_seen_lately": ("quiet", "planned, not seen for 28 days"),
    "unplanned": ("mend", "seen, not planned"),
}
MOST_METRICS = 3
# what most of the events of a source keep to
MOST_EVENTS = 0.95


def plan_gaps_of(marts: Marts) -> dict[str, Any]:
    """Where the tracking plan and what arrives differ, by product; a silent source is one row."""
    gaps = marts["fct_plan_gaps"]
    order = {row["product_id"]: (n, row["product_name"]) for n, row in enumerate(marts.products)}
    rows = []
    for (source_id,), found in grouped(gaps, "source_id").items():
        source = marts.sources.get(source_id, {})
        place, product = order.get(found[0]["product_id"], (len(order), found[0]["product_id"]))
        about = {"place": place, "product": product, "product_id": found[0]["product_id"]}
        about |= {"source": source.get("source_name", source_id), "team": source.get("owner_team")}
        if source.get("latest_received_at") is None:
            types = [row["event_type"] for row in found]
            words = f"{counted(len(types), 'planned type')}, as the source has not sent anything"
            rows.append(
                about
                | {"event_type": listed(types), "tone": "mend", "words": words, "seen": ""}
                | {"trigger": "", "metrics": metric_words(marts, found)}
            )
            continue
        rows += [about | gap_row(marts, row) for row in found]
    rows.sort(key=lambda row: (row["place"], row["source"], row["event_type"]))
    return {"rows": rows, "summary": gaps_summary(gaps)}


def gap_row(marts: Marts, row: Row) -> Row:
    """One event type."""
    tone, words = GAPS[row["gap"]]
    first, last = row["first_week_start_date"], row["last_week_start_date"]
    seen = ""
    if row["gap"] == "not_seen_lately":
        seen = f"last in the week of {day(last)}"
    elif last is not None:
        seen = f"weeks of {day(first)} to {day(last)}" if last != first else f"week of {day(last)}"
    return {
        "event_type": row["event_type"],
        "tone": tone,
        "words": words,
        "seen": seen,
        "trigger": row["planned_trigger"] or "",
        "metrics": metric_words(marts, [row]),
    }


def metric_words(marts: Marts, rows: list[Row]) -> str:
    """Names of the metrics that count what is missing, the first few of them."""
    ids = {name for row in rows for name in (row["metric_ids"] or "").split(";") if name}
    own = {marts.metrics.get(name, {}).get("companion_of_metric_id") or name for name in ids}
    names = sorted(marts.metrics[name]["metric_name"] for name in own if name in marts.metrics)
    if len(names) > MOST_METRICS:
        names = [*names[: MOST_METRICS - 1], f"{len(names) - MOST_METRICS + 1} more"]
    return listed(names)


def gaps_summary(gaps: list[Row]) -> str:
    """How many of each kind."""
    if not gaps:
        return "All that is planned has been seen in the last 28 days, and nothing else arrives."
    counts = [(sum(row["gap"] == gap for row in gaps), words) for gap, (_, words) in GAPS.items()]
    said = [f"{counted(count, 'event type')} {words}" for count, words in counts if count]
    return f"{'; '.join(said)}."


def promises_of(marts: Marts, of: str) -> dict[str, Any]:
    """How many promises of `source/<source_id>` or of all `mart/` tables are watched or broken."""
    promises = [row for (name,), rows in marts.promises.items() for row in rows if _is_of(name, of)]
    return {
        "count": len(promises),
        "broken": [
            {
                "event_type": row["event_type"],
                "dataset": row["dataset"],
                "promised": row["expectation"],
                "defect": row["defect"].replace("_", " "),
                "note": row["note"],
                "since": day(row["broken_since_week_start_date"]),
                "weeks": f"{row['broken_week_count']} of "
                + counted(row["checked_week_count"], "week"),
                "examples": _lines_of(marts, row),
            }
            for row in promises
            if row["severity"] > 0
        ],
    }


def _lines_of(marts: Marts, promise: Row) -> list[dict[str, Any]]:
    """Lines that broke a promise of a source."""
    source_id = promise["dataset"].removeprefix("source/")
    key = (source_id, promise["event_type"], promise["week_start_date"], None)
    found = marts.examples.get(key, [])
    return places_of(row for row in found if row["expectation"] == promise["expectation"])


def _is_of(name: str, of: str) -> bool:
    return name.startswith(of) if of.endswith("/") else name == of


def lateness_of(marts: Marts) -> list[Row]:
    """The completeness curve of each source, those later than declared first."""
    order = {row["product_id"]: (n, row["product_name"]) for n, row in enumerate(marts.products)}
    found = []
    for (source_id,), points in grouped(marts["fct_lateness"], "source_id").items():
        source = marts.sources.get(source_id, {})
        place, product = order.get(points[0]["product_id"], (len(order), points[0]["product_id"]))
        declared = points[0]["declared_lateness_hours"]
        most = next((p["lag_hours"] for p in points if p["arrived_share"] >= MOST_EVENTS), None)
        words = f"{humanise(MOST_EVENTS, '%')} within {humanise(most, 'hours')}"
        words += f"; declared {humanise(declared, 'hours')}" if declared is not None else ""
        name = source.get("source_name", source_id)
        found.append(
            {
                "name": name,
                "product": product,
                "is_late": declared is not None and most is not None and most > declared,
                "words": words,
                "svg": lateness_curve(
                    [(p["lag_hours"], p["arrived_share"]) for p in points],
                    declared,
                    f"{name}: {words}",
                    f"l-{source_id}".replace("/", "-"),
                ),
                "place": place,
            }
        )
    return sorted(found, key=lambda row: (not row["is_late"], row["place"], row["name"]))
