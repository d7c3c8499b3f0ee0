"""What a metric is made of, and what is seen to move ahead of it: the metric tree in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.pages.figures import (
    MINUS,
    counted,
    day,
    difference,
    differences,
    humanise,
    short_unit,
)
from orchestration.pages.marts import Marts, Row, grouped
from orchestration.pages.words import EVIDENCE, PERIODS, no_value_words

GRAINS = ("week", "fortnight", "four_weeks", "thirteen_weeks", "month", "quarter")
DIRECTIONS = {"positive": "in the same direction", "negative": "in the opposite direction"}


@dataclass(frozen=True)
class Part:
    """A child or segment, with what it adds to the change of the whole."""

    name: str
    metric_id: str | None
    """None for a segment: its definition is that of the whole."""
    is_focus: bool
    cells: list[str]


@dataclass(frozen=True)
class Branch:
    """One parent of the tree: its latest change split into parts, and its influences."""

    metric: Row
    when: str
    """The two periods and the change of the whole; blank where the parent only has influences."""
    missing: str
    has_opposite_parts: bool
    headings: list[str]
    parts: list[Part]
    total: list[str]
    influences: list[Row]


def branches_of(marts: Marts) -> dict[tuple[str, str], Branch]:
    """Branches by product and parent."""
    parts = grouped(marts["fct_tree_contributions"], "product_id", "parent_metric_id")
    evidence = grouped(marts["fct_driver_evidence"], "product_id", "parent_metric_id")
    return {
        key: _branch(marts, marts.metrics[key[1]], parts.get(key, []), evidence.get(key, []))
        for key in sorted({*parts, *evidence})
    }


def edges(marts: Marts) -> Iterator[tuple[str, str, str]]:
    """Product, parent and child of every edge between two metrics."""
    for table in ("fct_tree_contributions", "fct_driver_evidence"):
        for row in marts[table]:
            if row["child_metric_id"] != row["parent_metric_id"]:
                yield row["product_id"], row["parent_metric_id"], row["child_metric_id"]


def latest_pair(rows: list[Row]) -> list[Row]:
    """Rows of the latest pair of periods that can be split, of the shortest period that has one.

    Where no pair can be split, the latest pair, whose rows say why.
    """
    pairs = grouped(rows, "period_grain", "period_start_date")
    whole = {
        key: pair
        for key, pair in pairs.items()
        if all(row["no_value_reason"] is None for row in pair)
    }
    usable = whole or pairs
    if not usable:
        return []
    grain = min((grain for grain, _ in usable), key=GRAINS.index)
    return usable[max(key for key in usable if key[0] == grain)]


def _branch(marts: Marts, metric: Row, rows: list[Row], evidence: list[Row]) -> Branch:
    pair = latest_pair(rows)
    reason = next((row["no_value_reason"] for row in pair if row["no_value_reason"]), None)
    shown = [] if reason else pair
    is_weighted = bool(shown) and shown[0]["edge_type"] == "weighted_rate"
    headings = ["Before", "After", "Contributes"]
    if is_weighted:
        headings += ["by own change", "by new mix", "Share before", "Share after"]
    return Branch(
        metric=metric,
        when=_when(pair[0], metric["unit"]) if pair else "",
        missing=no_value_words(reason) if reason else "",
        has_opposite_parts=any(row["has_opposite_rates"] for row in shown),
        headings=headings,
        parts=_parts(marts, shown, metric["unit"], is_weighted),
        total=_total(shown, metric["unit"], is_weighted) if shown else [],
        influences=[_influence(marts, row) for row in evidence],
    )


def _when(row: Row, unit: str) -> str:
    period = PERIODS[row["period_grain"]][0]
    words = f"{period[:1].upper()}{period[1:]} from {day(row['period_start_date'])}"
    words += f" against the {period} before"
    if row["no_value_reason"]:
        return words
    change = difference(row["parent_change"], short_unit(unit))
    return (
        f"{words}: from {humanise(row['parent_before'], short_unit(unit))}"
        f" to {humanise(row['parent_after'], unit)} ({change})"
    )


def _parts(marts: Marts, rows: list[Row], unit: str, is_weighted: bool) -> list[Part]:
    effects = _in_one_unit(rows, unit, is_weighted)
    return [
        _part(marts, row, is_weighted, shown) for row, shown in zip(rows, effects, strict=False)
    ]


def _part(marts: Marts, row: Row, is_weighted: bool, effects: list[str]) -> Part:
    child = marts.metrics[row["child_metric_id"]]
    segment = row["segment_value"]
    name, child_id = child["metric_name"], child["metric_id"]
    if segment is not None:
        child_id = None
        name = "others, too few people to show" if segment == "other" else segment
    cells = [humanise(row[side], short_unit(child["unit"])) for side in CHILD]
    shares = [humanise(row[side], "%") for side in WEIGHTS if is_weighted]
    return Part(name, child_id, row["is_strategic_focus"], [*cells, *effects, *shares])


def _in_one_unit(rows: list[Row], unit: str, is_weighted: bool) -> list[list[str]]:
    """What each row contributes, and the sum as a last line: all in the same unit."""
    effects = _effects(is_weighted)
    lines = [[row[name] for name in effects] for row in rows]
    lines.append([sum(column) for column in zip(*lines, strict=True)])
    said = iter(differences([number for line in lines for number in line], short_unit(unit)))
    return [[next(said) for _ in line] for line in lines]


PARENT = ("parent_before", "parent_after")
CHILD = ("child_before", "child_after")
WEIGHTS = ("weight_before", "weight_after")


def _effects(is_weighted: bool) -> tuple[str, ...]:
    return ("contribution", "rate_effect", "mix_effect") if is_weighted else ("contribution",)


def _total(rows: list[Row], unit: str, is_weighted: bool) -> list[str]:
    """The last line: contributions add up to the change of the whole."""
    shares = [humanise(sum(row[side] for row in rows), "%") for side in WEIGHTS if is_weighted]
    sides = [humanise(rows[0][side], short_unit(unit)) for side in PARENT]
    return [*sides, *_in_one_unit(rows, unit, is_weighted)[-1], *shares]


def _influence(marts: Marts, row: Row) -> Row:
    """One edge that is believed: what the weeks show, never that one causes the other."""
    child, parent = (
        marts.metrics[row[f"{side}_metric_id"]]["metric_name"] for side in ("child", "parent")
    )
    status = row["status"]
    ahead = f"{child} moves ahead of {parent}"
    if status in ("supported", "contradicted"):
        words = f"{ahead} by {counted(row['lag_weeks'], 'week')}"
        if status == "contradicted":
            words += f", but not {DIRECTIONS[row['expected_sign']]} as was expected"
    else:
        words = f"Not shown so far: that {ahead}"
    return {
        "status": EVIDENCE[status],
        "words": f"{words} ({_figures(row)}).",
        "belief": row["evidence"] or "",
        "is_focus": row["is_strategic_focus"],
    }


def _figures(row: Row) -> str:
    """Lag, correlation, n and p, and what is missing."""
    said = []
    if row["correlation"] is not None:
        if row["status"] == "not_supported":
            said.append(f"strongest {counted(row['lag_weeks'], 'week')} ahead")
        said.append(f"rank correlation {row['correlation']:.2f}".replace("-", MINUS))
    said.append(f"n = {counted(row['pair_count'], 'pair')} of weeks")
    if row["p_value"] is not None:
        said.append(p_words(row["p_value"]))
    if row["has_repeated"]:
        said.append("the last 13 weeks agree")
    return "; ".join([*said, *([row["note"]] if row["note"] else [])])


def p_words(p_value: float) -> str:
    """A p-value as it is read: two decimals, more where it is small.

    >>> p_words(0.1), p_words(0.0005)
    ('p = 0.10', 'p = 0.0005')
    """
    return f"p = {p_value:.2f}" if p_value >= 0.01 else f"p = {p_value:.2g}"
