"""The quality report: can this week be believed, and if not, what to mend in which tool."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from orchestration.pages.examples import places_of
from orchestration.pages.figures import MISSING, counted, day, humanise, listed
from orchestration.pages.findings import findings_of, warnings_of
from orchestration.pages.instruments import lateness_of, plan_gaps_of, promises_of
from orchestration.pages.lost_lines import lost_lines_of, lost_words
from orchestration.pages.lost_metrics import lost_of, torn_words
from orchestration.pages.marts import Marts, Row, grouped, latest_where
from orchestration.pages.pair_trust import cards_withheld, place_anchors, withheld_words
from orchestration.pages.render import render
from orchestration.pages.strips import strip, strip_words
from orchestration.pages.troubles import troubles_of
from orchestration.pages.words import no_value_words

WEEKS_IN_STRIP = 52
EXAMPLES = 5
FILES_IN_TABLE = 60


def render_quality(marts: Marts) -> str:
    """The whole page as one HTML document; a script of its own searches it, and it needs none."""
    subjects = [subject_of(marts, product) for product in marts.products]
    return render(
        "quality.html.j2",
        run=marts.run,
        answer=answer_sentence(marts),
        week_words=week_words(marts),
        set_aside=set_aside_sentence(marts),
        grades=grade_table(marts),
        subjects=subjects,
        lost=lost_of(subjects),
        lost_wholly=[s for s in subjects if s["answer"]["words"] == "no"],
        lost_partly=[s for s in subjects if s["answer"]["words"] == "in part"],
        sound=[s for s in subjects if is_sound(s["answer"]) and not s["answer"]["warned"]],
        warned=[s for s in subjects if is_sound(s["answer"]) and s["answer"]["warned"]],
        ungraded=[subject for subject in subjects if subject["answer"]["words"] == "unknown"],
        standing=standing_of(subjects),
        gaps=plan_gaps_of(marts),
        lateness=lateness_of(marts),
        tables=promises_of(marts, "mart/"),
        intake=intake_of(marts),
        lines_lost=lost_lines_of(marts),
        quarantine=quarantine_of(marts),
    )


def is_sound(answer: dict[str, Any]) -> bool:
    """Whether there is nothing to say of a product's week but that it can be believed."""
    return answer["words"] == "yes" and not answer["is_doubtful"]


def answer_sentence(marts: Marts) -> str:
    """One sentence: how many metrics of the latest week can be believed, and what is lost."""
    week = marts.latest_week
    if week is None:
        return "No: no check has run yet, so nothing can be believed."
    rows = [row for row in marts.graded if row["week_start_date"] == week]
    grades = Counter(row["grade"] for row in rows)
    sound = grades["A"] + grades["B"]
    warned = f", {grades['B']:,} of them with a warning" if grades["B"] else ""
    if sound == len(rows):
        ending = f"can be believed{warned}" if warned else "stand on sound checks"
        told = f"Yes: all {len(rows)} metrics of the week of {day(week)} {ending}."
    else:
        kpis, unread = kpi_products(marts)
        is_most = sound * 2 > len(rows) and len(unread) * 2 <= len(kpis)
        word = "Mostly" if is_most else "No" if not sound else "Partly"
        lost = []
        if grades["D"]:
            lost.append(f"{counted(grades['D'], 'is', 'are')} withheld")
        if grades["C"]:
            lost.append(f"{counted(grades['C'], 'is', 'are')} shown struck through")
        told = (
            f"{word}: {sound} of {len(rows)} metrics of the week of {day(week)} can be believed"
            f"{warned}; {listed(lost)}."
        )
        if unread:
            told += (
                f" The KPI of {len(unread)} of {counted(len(kpis), 'product')} can\u2019t be read."
            )
    early = [row for row in marts.graded if is_lost_early(marts, row)]
    return told + early_words(len(early)) + withheld_words(marts, cards_withheld(marts))


def week_words(marts: Marts) -> str:
    """Which days "this week" has; blank where no week is over."""
    week = marts.latest_week
    if week is None:
        return ""
    return f"That of {day(week)} to {day(week + timedelta(days=6))}, the last whole one."


def kpi_products(marts: Marts) -> tuple[set[str], set[str]]:
    """Products with a KPI, and those of them of which one can't be read in the latest week."""
    held = cards_withheld(marts)
    unread = {
        card["product_id"]
        for card in marts.latest_cards
        if card["pair_verdict"] == "untrusted" and card not in held
    }
    return {card["product_id"] for card in marts.latest_cards}, unread


def set_aside_sentence(marts: Marts) -> str:
    """How many lines were set aside, of all: lines of some files are served rounded."""
    files = marts["fct_intake_reconciliation"]
    lost, total = (sum(row[f"{name}line_count"] for row in files) for name in ("quarantined_", ""))
    was = "was" if lost == 1 else "were"
    about = "about " if any(row["is_coarse"] for row in files) else ""
    return f"{lost or 'None'} of {about}{counted(total, 'line')} received {was} set aside."


def grade_table(marts: Marts) -> list[dict[str, Any]]:
    """How many metrics have which grade in the latest week, and metric-weeks in the year to it."""
    week = marts.latest_week
    if week is None:
        return []
    first = week - timedelta(weeks=WEEKS_IN_STRIP - 1)
    year = [row["grade"] for row in marts.graded if first <= row["week_start_date"] <= week]
    now = [row["grade"] for row in marts.graded if row["week_start_date"] == week]
    return [
        {
            "name": name,
            "counts": [f"{count:,}" for grade in "ABCD" for count in [grades.count(grade)]],
            "shares": [share_words(grades.count(grade), len(grades)) for grade in "ABCD"],
        }
        for name, grades in (
            (f"Metrics in the week of {day(week)}", now),
            (f"Metric-weeks in the {WEEKS_IN_STRIP} weeks to it", year),
        )
    ]


def share_words(count: int, whole: int) -> str:
    """A share that says 0 % or 100 % only where nothing or everything is meant."""
    if 0 < count < 0.0005 * whole:
        return "< 0.1 %"
    if whole > count > 0.995 * whole:
        return "> 99 %"
    return humanise(count / whole, "%") if whole else MISSING


def is_lost_early(marts: Marts, row: Row) -> bool:
    """Whether a row of trust says that the week under way can't be believed already."""
    week = marts.latest_week
    return week is not None and row["week_start_date"] > week and row["grade"] in ("C", "D")


def early_words(count: int) -> str:
    """What is known of the week under way; blank while nothing speaks against it."""
    if not count:
        return ""
    return f" Of the week under way {counted(count, 'metric')} can\u2019t be believed already."


def subject_of(marts: Marts, product: Row) -> dict[str, Any]:
    """What a reviewer needs to know about one product."""
    product_id = product["product_id"]
    sources = [row for row in marts["dim_sources"] if row["product_id"] == product_id]
    troubles = troubles_of(marts, product_id)
    for trouble in troubles:
        trouble["torn"] = torn_words(marts, trouble, {row["source_id"] for row in sources})
    answer = answer_of(marts, product_id, troubles)
    return {
        "product": product,
        "sources": [source_of(marts, source) for source in sources],
        "troubles": troubles,
        "answer": answer,
        "losses": lost_words(marts, {source["source_id"] for source in sources}),
        "anchors": place_anchors(
            product_id,
            {row["metric_id"] for row in marts.graded_of.get((product_id,), [])},
            troubles,
            answer["doubts"],
        ),
    }


def standing_of(subjects: list[dict[str, Any]]) -> list[Row]:
    """Warnings of all sources that come again and again, those that stand first."""
    found = [
        warning | {"source": item["source"]["source_name"], "product": subject["product"]}
        for subject in subjects
        for item in subject["sources"]
        for warning in item["warnings"]
    ]
    return sorted(found, key=lambda row: (not row["stands"], -row["week_count"]))


def answer_of(marts: Marts, product_id: str, troubles: list[Row]) -> dict[str, Any]:
    """Whether the product's latest week can be believed: a word, a sentence, and what is lost."""
    overall = marts.latest_week
    rows = [
        row
        for row in marts.graded_of.get((product_id,), [])
        if overall is None or row["week_start_date"] <= overall
    ]
    if not rows:
        return {"words": "unknown", "is_doubtful": False, "count": 0, "lost": [], "doubts": [],
                "held": 0, "warned": 0, "bad": 0,
                "sentence": "No metric of it was graded."}  # fmt: skip
    # a product whose series ended is judged by its own last week
    week = max(row["week_start_date"] for row in rows)
    now = [row for row in rows if row["week_start_date"] == week]
    of_week = f"the week of {day(week)}" if week == overall else f"its last week, {day(week)}"
    bad = [row for row in now if row["grade"] in ("C", "D")]
    warned = sum(row["grade"] == "B" for row in now)
    sentence = f"{len(bad)} of {counted(len(now), 'metric')} can\u2019t be believed in {of_week}."
    if warned:
        sentence += f" {warned} of the others {'has' if warned == 1 else 'have'} a warning."
    every = marts.graded_of.get((product_id,), [])
    early = [row for row in every if is_lost_early(marts, row)]
    if not bad:
        is_past = any(row["until"] < week for row in troubles)
        past = " Earlier ones could not, as told below." if is_past else ""
        whole = "Its only metric" if len(now) == 1 else f"All {len(now)} metrics"
        of_them = f", {'' if len(now) == 1 else f'{warned} of them '}with a warning"
        sentence = f"{whole} can be believed in {of_week}{of_them if warned else ''}.{past}"
        if any(row["is_open"] for row in troubles):
            sentence = (
                f"Nothing speaks against {of_week} yet, but finishes were missing before, and "
                "whether they still are can\u2019t be judged."
            )
    sentence += early_words(len(early))
    lost = [row for row in troubles if week <= row["until"] or row["is_open"]]
    held = [card for card in cards_withheld(marts) if card["product_id"] == product_id]
    sentence += withheld_words(marts, held)
    return {
        "words": "yes" if not bad else "no" if len(bad) == len(now) else "in part",
        "is_doubtful": bool(bad or early or lost),
        "count": len(now),
        "warned": warned,
        "bad": len(bad),
        "held": len(held),
        "sentence": sentence,
        "lost": lost,
        "doubts": doubts_of(marts, [row for row in now if row["grade"] == "B"]),
    }


def doubts_of(marts: Marts, rows: list[Row]) -> list[Row]:
    """What lowered metrics to B, which are used all the same; one cause is told once."""
    return [
        {
            "metrics": listed(
                sorted(marts.metrics[row["metric_id"]]["metric_name"] for row in found)
            ),
            "metric_ids": sorted({row["metric_id"] for row in found}),
            "reason": reason or "no reason given",
            "source": marts.sources.get(source_id or "", {}).get("source_name") or source_id or "",
        }
        for (reason, source_id), found in grouped(rows, "reason", "source_id").items()
    ]


def source_of(marts: Marts, source: Row) -> dict[str, Any]:
    """History of each check of a source, one cell a week, worst over event types."""
    own = marts.checks.get((source["source_id"],), [])
    checks = grouped(own, "check_id", "check_name")
    trust = [r for r in marts["fct_source_trust"] if r["source_id"] == source["source_id"]]
    latest = marts.latest_week
    # a series that ended is judged by its own last whole week
    now = latest_where(trust, lambda row: latest is None or row["week_start_date"] <= latest)
    has_sent = bool(checks) or source["latest_received_at"] is not None
    silent = "no check ran" if has_sent else "has not sent anything yet"
    now = now or {"grade": "D", "reason": silent}
    is_under_way = trust and latest and trust[-1]["week_start_date"] > latest
    early = trust[-1]["grade"] if is_under_way and trust[-1]["grade"] > "B" else ""
    weeks = strip_weeks([row for rows in checks.values() for row in rows])
    overall = overall_severities(checks.values(), weeks)
    strips = []
    for (check_id, check_name), rows in sorted(checks.items(), key=lambda item: item[0][0]):
        severities = overall_severities([rows], weeks)
        strip_id = f"s-{source['source_id']}-{check_id}".replace("/", "-").replace("*", "all")
        strips.append(
            {
                "name": (check_name or f"check {check_id}").replace("_", " "),
                "svg": strip(severities, f"{source['source_name']}, {check_name}", strip_id),
                "has_trouble": any(s for s in severities if s),
            }
        )
    return {
        "source": source,
        "has_sent": has_sent,
        "grade": now["grade"],
        "early": early,
        "grade_reason": now["reason"] or "no check ran",
        "check_count": len(strips),
        "overall": strip(
            overall,
            source["source_name"],
            f"s-{source['source_id']}".replace("/", "-"),
        ),
        "strips": [s for s in strips if s["has_trouble"]],
        "passed": [s for s in strips if not s["has_trouble"]],
        "weeks": strip_words(overall),
        "warnings": warnings_of(marts, source["source_id"], weeks),
        "findings": findings_of(marts, source["source_id"], weeks),
        "promises": promises_of(marts, f"source/{source['source_id']}"),
    }


def overall_severities(checks: Iterable[list[Row]], weeks: list[date]) -> list[int | None]:
    """The worst result of any check per week, None where none ran."""
    worst: dict[date, int] = {}
    for rows in checks:
        for row in rows:
            week = row["week_start_date"]
            worst[week] = max(worst.get(week, 0), row["severity"])
    return [worst.get(week) for week in weeks]


def strip_weeks(checks: list[Row]) -> list[date]:
    """The latest weeks for which any of the checks ran, without holes."""
    weeks = {row["week_start_date"] for row in checks}
    if not weeks:
        return []
    last, first = max(weeks), min(weeks)
    count = min(WEEKS_IN_STRIP, (last - first).days // 7 + 1)
    return [last - timedelta(weeks=back) for back in reversed(range(count))]


def intake_of(marts: Marts) -> dict[str, Any]:
    """Reconciliation per file, files with losses first, and totals per connector."""
    files = marts["fct_intake_reconciliation"]
    columns = (
        "line_count", "accepted_line_count", "duplicate_line_count", "quarantined_line_count",
    )  # fmt: skip
    totals = [
        {"connector": key[0], "file_count": len(rows)}
        | {column: sum(row[column] for row in rows) for column in columns}
        for key, rows in sorted(grouped(files, "connector").items())
    ]
    ordered = sorted(
        files,
        key=lambda row: (row["file_status"] == "loaded", not row["quarantined_line_count"],
                         row["connector"], row["path"]),
    )  # fmt: skip
    return {
        "totals": totals,
        "files": ordered[:FILES_IN_TABLE],
        "more": max(0, len(ordered) - FILES_IN_TABLE),
        "is_balanced": all(row["is_balanced"] for row in files),
        "file_count": len(files),
        "coarse_count": sum(row["is_coarse"] for row in files),
    }


def set_aside_places(rows: list[Row]) -> list[Row]:
    """Where lines that were set aside lie, and what is told of each; one path for its lines."""
    told: list[Row] = []
    path = ""
    for row in rows:
        detail = ", ".join(filter(None, (row["event_type"], row["reason_detail"])))
        line = f":{row['line_number']}" if row["line_number"] else ""
        is_next = bool(told and line and path == row["path"] and not detail + told[-1]["detail"])
        place = line if is_next else f"landing/{row['path']}{line}"
        told.append({"place": place, "detail": detail, "is_next": is_next})
        path = row["path"]
    return told


def quarantine_of(marts: Marts) -> list[Row]:
    """Reasons with their number of events and the first examples."""
    return [
        {
            "reason": no_value_words(key[0]),
            "count": sum(row["event_count"] for row in rows),
            "examples": set_aside_places(rows[:EXAMPLES]),
            "commands": [p["command"] for p in places_of(rows[:EXAMPLES]) if p["command"]],
        }
        for key, rows in sorted(grouped(marts["fct_quarantined_events"], "reason").items())
    ]
