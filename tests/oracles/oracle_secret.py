"""The oracle's secrets: which events and tasks may not be counted row by row.

Written from docs/suppression.md.
"""

import math
from dataclasses import replace
from datetime import timedelta

from tests.oracles.oracle_events import Row
from tests.oracles.oracle_hiding import COMPANIONS, Hiding
from tests.oracles.oracle_metrics import parents_of
from tests.oracles.oracle_people import OPEN
from tests.oracles.oracle_tables import Reason, diagnostic, has_small_step
from tests.oracles.oracle_trust import Trust

ENDS = ("start", "finish", "cancel", "reopen")
LENT = ("same counts", "derived")
"""Rules that hide a figure for the sake of another one."""


class Secrets:
    """Event types and task types by product whose rows would count hidden people."""

    def __init__(self, hiding: Hiding, trust: Trust) -> None:
        self.oracle, self.hiding, self.trust = hiding.oracle, hiding, trust

    def event_types(self, product: str) -> set[str]:
        """Return the types on which a figure about people rests that is hidden somewhere."""
        rules = self.hiding.rules.items()
        hidden = {key[1] for key, rule in rules if key[0] == product and rule not in LENT}
        found = {name for metric in hidden for name in self._types_of(product, metric)}
        uses = self.oracle.registry["active_uses"]
        found |= {row["event_type"] for row in uses if row["product_id"] == product}
        for name in {row["funnel_id"] for row in self.oracle.registry["funnels"]}:
            steps = self.oracle.custom.funnel(name)
            if steps[0]["product_id"] == product:
                weeks = self.oracle.custom.entries(product, name).values()
                if any(has_small_step(self.oracle, steps, entries) for entries in weeks):
                    found |= {row["event_type"] for row in steps}
        return found

    def _types_of(self, product: str, name: str) -> set[str]:
        metric = self.oracle.metrics.get(name)
        if metric is None:
            return set()
        found = {event_type for _, event_type, _ in self.trust.parts(product, metric)}
        return found.union(*(self._types_of(product, parent) for parent in parents_of(metric)))

    def task_types(self, product: str) -> set[str]:
        """Return the task types that are not served row by row."""
        kinds = self.oracle.kinds
        rosters = {name for metric in self.oracle.metrics.values() for name in self._roster(metric)}
        events = self.event_types(product).union(*(self._ends(kinds[name]) for name in rosters))
        found = {name for name, kind in kinds.items() if self._ends(kind) & events}
        for owner, name, *_ in self.hiding.rules:
            metric = self._root(name)
            if owner == product:
                found |= {metric["task_type_id"], *self._tasks_of(metric)} - {""}
        return found

    def _root(self, name: str) -> Row:
        metrics = self.oracle.metrics
        (root,) = [m for m in (name, *(name.removesuffix(s) for s in COMPANIONS)) if m in metrics][
            :1
        ]
        return metrics[root]

    def _roster(self, metric: Row) -> set[str]:
        """Return the tasks of both sides of what stands on a roster."""
        above, below = (
            self.oracle.measures.get(metric[f"{side}_measure_id"], {}).get("aggregate") == OPEN
            for side in ("numerator", "denominator")
        )
        is_roster = below or (above and metric["subject_kind"] == "person")
        return self._tasks_of(metric) if is_roster else set()

    def _tasks_of(self, metric: Row) -> set[str]:
        names = (metric[f"{side}_measure_id"] for side in ("numerator", "denominator"))
        sides = [self.oracle.measures[name] for name in names if name]
        return {side["item_type"] for side in sides if side["item_kind"] == "task"}

    @staticmethod
    def _ends(kind: Row) -> set[str]:
        return {kind[f"{end}_event_type"] for end in ENDS} - {""}

    def is_coarse(self, table: Row) -> bool:
        """Return whether a Pareto table's rows would add up to what is hidden."""
        product, name = table["product_id"], table["item_type"]
        if table["item_kind"] == "event":
            return name in self.event_types(product)
        return table["item_kind"] == "task" and name in self.task_types(product)

    def diagnostic(self, table: Row) -> list[Reason]:
        """Return a Pareto table as it is served: of a coarse one shares in whole per cent."""
        told = diagnostic(self.oracle, table)
        if not self.is_coarse(table):
            return told
        return [
            replace(
                reason, amount=None, item_count=None, share=_percent(reason.share),
                cumulative_share=_percent(reason.cumulative_share),
                unknown_share=_percent(reason.unknown_share),
            )
            for reason in told
        ]  # fmt: skip

    def trust_of(self, table: Row) -> str:
        """Return the worst grade of the sources of a Pareto table's items over its days."""
        oracle, kind = self.oracle, self.oracle.kinds.get(table["item_type"], {})
        types = {table["item_type"]}
        if table["item_kind"] == "task":
            types = {kind["start_event_type"], kind["finish_event_type"]}
        first = (oracle.as_of - timedelta(days=int(table["trailing_days"] or 91))).date()
        monday = first - timedelta(days=first.weekday())
        weeks = [monday + timedelta(weeks=n) for n in range((oracle.as_of.date() - monday).days)]
        return self.trust.of_use(table["product_id"], types, *weeks)


def _percent(share: float | None) -> float | None:
    return None if share is None else math.floor(share * 100 + 0.5) / 100
