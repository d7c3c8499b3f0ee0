"""What a planted defect is."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd

from bench.guard.events import week_begin

SEVERITIES = ("low", "middle", "high")
FIRST_START, START_SPREAD = 50, 6
"""Defects begin on the Monday of week 50 to 55 of 60, by seed."""
LASTING, LASTING_START = "lasting", 20
"""In place of a severity: the middle one, begun in this week, so that the end is far away."""

TIME, STATE, FIXING, OPEN = "time_to_close", "resolved_share", "fixing_share", "open_requests"
USERS, WAIT, ADOPTION = "tickets_per_user", "mean_wait", "adoption"
REQUESTS, INCIDENTS, ORDERS = "requests_per_week", "incidents_per_week", "order_completion"
OUTAGE = "mean_outage"
ROWS, IMPORTS = "wrong_rows", "clean_imports"
METRICS = (
    TIME, STATE, FIXING, OPEN, USERS, WAIT, ADOPTION, REQUESTS, INCIDENTS, ORDERS, OUTAGE, ROWS,
    IMPORTS,
)  # fmt: skip
READ = {
    "desk": (TIME, OPEN, USERS, WAIT, REQUESTS),
    "flow": (TIME, STATE, FIXING, OPEN),
    "portal": (USERS, ADOPTION, ORDERS),
    "watch": (ADOPTION, INCIDENTS, OUTAGE),
    "loader": (ROWS, IMPORTS),
}
"""Metrics that read each source."""


@dataclass(frozen=True)
class Defect:
    """One way in which instruments break."""

    name: str
    apply: Callable[[pd.DataFrame, np.random.Generator, float, int], pd.DataFrame]
    """Takes clean events, draws, the level of the dial and the first instant (ms)."""
    levels: tuple[float, float, float]
    """Of the dial at low, middle and high severity."""
    dial: str
    """What the levels are."""
    checks: tuple[int, ...]
    """Of the method's twenty, those that ought to name it: at most two."""
    sources: tuple[str, ...]
    """That send wrong events."""
    starts: int | None = None
    """Week in which it begins, where the calendar says so."""
    is_of_the_past: bool = False
    """Whether it is the weeks before its start that become wrong."""
    unseen: str = ""
    """Why no check can see it; blank where one ought to."""
    would_show: str = ""
    """What instrumentation would make an unseen one visible."""

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ")

    @property
    def what(self) -> str:
        """What it does, in one sentence."""
        return (self.apply.__doc__ or "").strip()

    @property
    def touched(self) -> tuple[str, ...]:
        """Metrics that read one of its sources; which of them it hurts, values tell."""
        read = {metric for source in self.sources for metric in READ[source]}
        return tuple(metric for metric in METRICS if metric in read)

    def start_week(self, seed: int, severity: str = "middle") -> int:
        """Return the week in which it begins in the scenario of a seed."""
        if severity == LASTING:
            return LASTING_START
        return self.starts or FIRST_START + seed % START_SPREAD

    def broken(self, clean: pd.DataFrame, seed: int, severity: str) -> pd.DataFrame:
        """Return the events of a clean scenario with this defect in them."""
        rng = np.random.default_rng([seed, crc32(self.name.encode())])
        level = self.levels[SEVERITIES.index("middle" if severity == LASTING else severity)]
        return self.apply(clean, rng, level, week_begin(self.start_week(seed, severity)))
