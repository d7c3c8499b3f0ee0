"""On which card a branch of the tree or a launch stands: once, where a reader expects it."""

from collections import defaultdict
from typing import Any

from orchestration.pages.branches import Branch, branches_of, edges
from orchestration.pages.delivery import DeliveryTables, delivery_tables
from orchestration.pages.launches import Launch, launches_of
from orchestration.pages.marts import Marts, grouped
from orchestration.pages.reasons import ReasonTable, reason_tables

Key = tuple[str, str]
FAR = 99
"""More steps than a tree has levels."""


class Sections:
    """The folded sections of every card, and those of products without one."""

    def __init__(self, marts: Marts) -> None:
        self.marts = marts
        self.reasons: dict[str, list[ReasonTable]] = reason_tables(marts)
        self.delivery: dict[str, DeliveryTables] = delivery_tables(marts)
        self.branches: dict[Key, Branch] = branches_of(marts)
        self.launches: dict[Key, list[Launch]] = launches_of(marts)
        self._depths = {row["kpi_id"]: self._reach(row) for row in marts.latest_cards}
        self._cards = grouped(marts.latest_cards, "product_id")

    def of_card(self, kpi_id: str, product_id: str) -> dict[str, Any]:
        """Sections of one card; tables of the whole product stand on the first of its cards."""
        is_first = self._cards[(product_id,)][0]["kpi_id"] == kpi_id
        tables = self._tables(product_id) if is_first else {"reasons": [], "delivery": None}
        return self._sections(product_id, kpi_id) | tables

    def of_products_without_card(self) -> list[dict[str, Any]]:
        """Sections of the other products, in the registry's order; without the empty ones."""
        found = []
        for product in self.marts.products:
            product_id = product["product_id"]
            if (product_id,) in self._cards:
                continue
            own = self._sections(product_id, None) | self._tables(product_id)
            if any(own.values()):
                found.append({"product": product, **own})
        return found

    def metric_ids(self) -> set[str]:
        """Metrics that the sections name, so that their definitions can stand on the page."""
        named = {metric_id for _, metric_id in (*self.branches, *self.launches)}
        for branch in self.branches.values():
            named |= {part.metric_id for part in branch.parts if part.metric_id}
        return named

    def _tables(self, product_id: str) -> dict[str, Any]:
        return {
            "reasons": self.reasons.get(product_id, []),
            "delivery": self.delivery.get(product_id),
        }

    def _sections(self, product_id: str, kpi_id: str | None) -> dict[str, Any]:
        depths = self._depths.get(kpi_id or "", {})
        mine = [
            key
            for key in (*self.branches, *self.launches)
            if key[0] == product_id and self._home(key) == kpi_id
        ]
        mine = sorted(dict.fromkeys(mine), key=lambda key: (depths.get(key[1], FAR), key))
        return {
            "branches": [self.branches[key] for key in mine if key in self.branches],
            "launches": [launch for key in mine for launch in self.launches.get(key, [])],
        }

    def _home(self, key: Key) -> str | None:
        """The card nearest to a metric: its own, one whose tree it is in, else the first tree's."""
        product_id, metric_id = key
        cards = self._cards.get((product_id,), [])

        def distance(card: dict[str, Any]) -> tuple[int, bool]:
            has_no_tree = (product_id, card["metric_id"]) not in self.branches
            return self._depths[card["kpi_id"]].get(metric_id, FAR), has_no_tree

        return min(cards, key=distance)["kpi_id"] if cards else None

    def _reach(self, card: dict[str, Any]) -> dict[str, int]:
        """Steps from a card's metric down the tree; its balancing metrics count as one step."""
        children: dict[str, set[str]] = defaultdict(set)
        for product_id, parent, child in edges(self.marts):
            if product_id == card["product_id"]:
                children[parent].add(child)
        depths = {card["metric_id"]: 0}
        for state in self.marts["fct_balance_states"]:
            if state["kpi_id"] == card["kpi_id"]:
                depths.setdefault(state["metric_id"], 1)
        level = list(depths)
        while level:
            found = []
            for metric_id in level:
                for child in sorted(children[metric_id] - depths.keys()):
                    depths[child] = depths[metric_id] + 1
                    found.append(child)
            level = found
        return depths
