"""The page that recomputes the number of every card, as `steelyard explain` prints it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.engine import connect
from orchestration.explain import Number, Parts
from orchestration.explain.items import counted_items, file_rows
from orchestration.pages.marts import Marts, Row, latest_due
from orchestration.pages.pair_trust import quality_link
from orchestration.pages.render import render


@dataclass(frozen=True)
class Shown:
    """A number that stands on a card: which one, and the week of the verdict beside it."""

    product_id: str
    metric_id: str
    grain: str
    first: date
    judged: date

    @property
    def anchor(self) -> str:
        return number_anchor(self.product_id, self.metric_id)


def number_anchor(product_id: str, metric_id: str) -> str:
    """Where on the page of recomputed numbers a metric stands."""
    return f"n-{product_id}-{metric_id}"


def shown_numbers(marts: Marts) -> list[Shown]:
    """The latest number that is due of every lead and balance, each once, in the order of cards."""
    found: dict[tuple[str, str], Shown] = {}
    for card in marts.latest_cards:
        product_id, judged = card["product_id"], card["week_start_date"]
        balances = [
            state["metric_id"]
            for state in marts["fct_balance_states"]
            if state["kpi_id"] == card["kpi_id"]
            and state["product_id"] == product_id
            and state["week_start_date"] == judged
        ]
        for metric_id in (card["metric_id"], *balances):
            values = marts.shown_values(product_id, metric_id)
            latest = latest_due(values)
            if latest is not None:
                grain, first = latest["period_grain"], latest["period_start_date"]
                number = Shown(product_id, metric_id, grain, first, judged)
                found.setdefault((product_id, metric_id), number)
    return list(found.values())


def recompute(database: Path, numbers: Iterable[Shown]) -> dict[Shown, Parts]:
    """The parts of each number, from the warehouse that it was published from."""
    with connect(database, read_only=True) as connection:
        # as in the models: the large side of a join is written first, and never kept in memory
        connection.execute("set disabled_optimizers = 'build_side_probe_side'")
        told = [
            (shown, Number(connection, shown.product_id, shown.metric_id, shown.first, shown.grain,
                           shown.judged))
            for shown in numbers
        ]  # fmt: skip
        files = file_rows(connection, [number.lineage() for _, number in told])
        items = counted_items(connection, [number.counted() for _, number in told])
        return {
            shown: number.parts(own_files, own_items)
            for (shown, number), own_files, own_items in zip(told, files, items, strict=True)
        }


def render_numbers(marts: Marts, recomputed: dict[Shown, Parts]) -> str:
    """The whole page as one HTML document without script, images or requests."""
    names = {row["product_id"]: row["product_name"] for row in marts.products}
    products: dict[str, dict[str, Any]] = {}
    for shown, parts in recomputed.items():
        name = names[shown.product_id]
        product = products.setdefault(
            shown.product_id, {"id": shown.product_id, "name": name, "numbers": []}
        )
        product["numbers"].append(number_of(marts, shown, parts))
    return render("numbers.html.j2", run=marts.run, products=list(products.values()))


def number_of(marts: Marts, shown: Shown, parts: Parts) -> Row:
    """One section: its heading, the command that prints the same, and its parts."""
    command = f"steelyard explain {shown.product_id} {shown.metric_id} {shown.first}"
    return {
        "id": shown.anchor,
        "metric": marts.metrics[shown.metric_id],
        "period": f"{shown.grain.replace('_', ' ')} of {shown.first}",
        # the command tells of weeks
        "command": command if shown.grain == "week" else "",
        "judged": shown.judged,
        "why": quality_link(marts, shown.product_id, shown.metric_id),
        "parts": [{"title": title, "lines": _lines(told)} for title, told in parts.items()],
    }


def _lines(told: list[str]) -> list[Row]:
    """Lines without their indent; `is_below` where one belongs to the line above it."""
    return [{"text": line.strip(), "is_below": line.startswith("    ")} for line in told]
