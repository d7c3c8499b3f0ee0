"""Weeks of a product's metrics that can't be believed: why, whether it is over, what to do."""

from datetime import date

from orchestration.defs.judge.norms import WITHOUT_END, norm_of
from orchestration.defs.judge.trust_reasons import UNTOLD
from orchestration.pages.figures import day, listed
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.plurals import counted

LOST = ("C", "D")
LOWERED_BY_HAND = "lowered by hand"
OPEN = "and may go on: later weeks can\u2019t be judged yet"
EARLY = "in the week under way"


def is_companion(marts: Marts, metric_id: str) -> bool:
    """Whether the metric only summarises the items of another one, and shares its trust."""
    return bool(marts.metrics.get(metric_id, {}).get("companion_of_metric_id"))


def troubles_of(marts: Marts, product_id: str) -> list[Row]:
    """Latest spell of weeks with grade C or D of each metric, told once per cause."""
    found: dict[tuple, Row] = {}
    for (owner, metric_id), rows in sorted(marts.trust.items()):
        if owner != product_id or is_companion(marts, metric_id):
            continue
        if spell := latest_spell(rows):
            trouble = trouble_of(marts, rows, spell)
            # one cause lowers several metrics: it is told once
            empty: Row = {"metric_names": [], "metric_ids": []}
            told = found.setdefault(tuple(trouble.values()), trouble | empty)
            told["metric_ids"].append(metric_id)
            name = marts.metrics.get(metric_id, {}).get("metric_name", metric_id)
            told["metric_names"].append(name)
    for trouble in found.values():
        trouble["metrics"] = listed(trouble["metric_names"])
    return sorted(found.values(), key=lambda row: (not row["is_now"], -row["until"].toordinal()))


def latest_spell(rows: list[Row]) -> list[Row]:
    """The last unbroken run of weeks with grade C or D; empty where there is none."""
    spell: list[Row] = []
    for row in reversed(rows):
        if row["grade"] in LOST:
            spell.insert(0, row)
        elif spell:
            break
    return spell


def trouble_of(marts: Marts, rows: list[Row], spell: list[Row]) -> Row:
    """One spell of a metric; `rows` are all its weeks."""
    week = marts.latest_week
    # figures of the week that the page is about, where it is in the spell
    last = next((row for row in spell if row["week_start_date"] == week), spell[-1])
    since, until = spell[0]["week_start_date"], spell[-1]["week_start_date"]
    source = marts.sources.get(last["source_id"] or "", {})
    is_open = week is not None and until < week and may_go_on(marts, rows, last)
    is_over = week is not None and until < week and not is_open
    norm = norm_since(marts, last) if is_over else ""
    return {
        # of the same week as the reason: others of the spell may have another grade
        "is_withheld": last["grade"] == "D",
        "since": since,
        "until": until,
        # the week under way may be in the spell as well
        "is_now": week is not None and since <= week <= until,
        "is_over": is_over,
        "is_open": is_open,
        "when": "over"
        if is_over
        else OPEN
        if is_open
        else EARLY
        if since > (week or since)
        else "",
        "reason": last["reason"] or "no check ran",
        # where weeks differ in their figures, and don't name the week that theirs are of
        "reason_week": last["week_start_date"]
        if len({row["reason"] for row in spell}) > 1 and UNTOLD not in (last["reason"] or "")
        else None,
        "mend": mend_words(last),
        "over": norm or (over_words(marts, rows, last) if is_over else ""),
        "catch_up": catch_up_words(spell, last, is_over and not norm),
        # what people lowered is mended in no tool
        "source": source.get("source_name") or last["source_id"] or "",
        "owner": owner_words(source, mend_words(last)),
    }


def owner_words(source: Row, mend: str) -> str:
    """Which source it is about, unless what is to mend names it, and whose it is."""
    name = source.get("source_name") or ""
    names = [] if f"At {name}: " in mend else [name]
    return ", ".join(filter(None, [*names, source.get("owner_team")]))


def mend_words(row: Row) -> str:
    """What to mend while the fault of a week goes on; blank where people lowered the week."""
    if (row["reason"] or "").startswith(LOWERED_BY_HAND):
        return ""
    return row["repair_hint"] or "Nothing is declared of it in the registry."


def over_words(marts: Marts, rows: list[Row], last: Row) -> str:
    """That a spell is over, and whether the check that gave it looked at the weeks since."""
    since = [
        row
        for row in rows
        if row["week_start_date"] > last["week_start_date"]
        and row["week_start_date"] <= (marts.latest_week or date.max)
    ]
    if not since:
        return ""
    week = since[-1]["week_start_date"]
    told = f"Over: the week of {day(week)} has grade {since[-1]['grade']}"
    if last["check_id"] is None:
        return f"{told}."
    judged = checked_since(marts, last)
    if not judged:
        return f"{told}, but this check can\u2019t judge any later week yet."
    latest = max(row["week_start_date"] for row in judged)
    worst = max(row["severity"] for row in judged if row["week_start_date"] == latest)
    of = (
        "there" if latest == week else f"in the week of {day(latest)}, the latest that it can judge"
    )
    if worst:
        # what was found goes on, at no cost any more
        told = f"Not over, although {told.removeprefix('Over: ')}"
    return f"{told}; this check {('passes', 'warns', 'fails', 'blocks')[worst]} {of}."


def may_go_on(marts: Marts, rows: list[Row], last: Row) -> bool:
    """Whether finishes were missing and nobody can know yet if they still are: tasks take time."""
    is_since = any(row["week_start_date"] > last["week_start_date"] for row in rows)
    is_known = bool(types_found(marts, last))
    return (
        last["check_id"] == WITHOUT_END and is_since and is_known and not checked_since(marts, last)
    )


def norm_since(marts: Marts, last: Row) -> str:
    """That what gave a week its grade has become the norm, in words; blank where it hasn't."""
    week, own = last["week_start_date"], results_of(marts, last)
    for (event_type,), rows in sorted(grouped(own, "event_type").items()):
        norm = norm_of(rows)
        if norm and norm.has(week):
            mend = mend_words(last)
            return f"{norm.words()} If it was not ({event_type}): {uncapped(mend)}"
    return ""


def results_of(marts: Marts, last: Row) -> list[Row]:
    """Results of the check that gave a week its grade, of that source."""
    of_source = marts.checks.get((last["source_id"],), [])
    return [row for row in of_source if row["check_id"] == last["check_id"]]


def types_found(marts: Marts, last: Row) -> set[str]:
    """Event types for which the check that gave a week its grade found something in it.

    Where it only holds there, since the week can't tell that it is over, in the last that can.
    """
    found = [row for row in results_of(marts, last) if row["severity"]]
    weeks = {row["week_start_date"] for row in found}
    week = max((week for week in weeks if week <= last["week_start_date"]), default=None)
    return {row["event_type"] for row in found if row["week_start_date"] == week}


def checked_since(marts: Marts, last: Row) -> list[Row]:
    """Results of the check that gave a week its grade, of the same event types in later weeks."""
    types, week = types_found(marts, last), last["week_start_date"]
    own = results_of(marts, last)
    return [row for row in own if row["week_start_date"] > week and row["event_type"] in types]


def catch_up_words(spell: list[Row], last: Row, is_over: bool) -> str:
    """What remains for the weeks of a spell once its fault is mended."""
    if not mend_words(last):
        return ""
    only = f"the week of {day(last['week_start_date'])}"
    weeks = only if len(spell) == 1 else f"these {counted(len(spell), 'week')}"
    if last["catch_up_hint"]:
        return f"For {weeks}: {uncapped(last['catch_up_hint'])}"
    if not is_over:
        return ""
    stays = "stay" if len(spell) > 1 else "stays"
    ways = {"D": "withheld", "C": "struck through"}
    how = " or ".join(ways[grade] for grade in "DC" if grade in {row["grade"] for row in spell})
    return f"Nothing remains to be done: {weeks} {stays} {how}."


def uncapped(words: str) -> str:
    """A sentence that goes on after a colon."""
    return words[:1].lower() + words[1:]


def repair_words(marts: Marts, product_id: str, metric_id: str) -> str:
    """What to do about the latest spell of a metric; blank where there is nothing to do."""
    rows = marts.trust.get((product_id, metric_id), [])
    spell = latest_spell(rows)
    if not spell:
        return ""
    trouble = trouble_of(marts, rows, spell)
    if trouble["is_over"]:
        return " ".join(filter(None, (trouble["over"], trouble["catch_up"])))
    if not trouble["mend"]:
        return ""
    return " ".join(filter(None, (f"To mend: {trouble['mend']}", trouble["catch_up"])))
