"""Scenarios that Hypothesis draws: what one product's tools say in four weeks.

Instants lie on whole hours, so that ties abound; a clock change is among them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import HypothesisProvider

BASE = datetime(2025, 3, 9, 23)
"""Monday 2025-03-10 00:00 in Berlin, as naive UTC; the clocks go forward on the 30th."""
HOURS = 24 * 28
AS_OF = BASE + timedelta(weeks=6)
KINDS = (
    "job.started", "job.finished", "job.cancelled", "job.reopened", "job.paused", "job.resumed",
    "incident.detected", "incident.resolved", "tool.used", "step.1", "step.2", "step.3",
    "time.logged", "employee.left",
)  # fmt: skip

# what needs several in a row comes more often
OFTEN = (*KINDS, "step.1", "step.2", "step.3", "step.3", "tool.used")


@dataclass(frozen=True)
class Drawn:
    """One drawn event; `chance` is cut into the attributes that matter less."""

    kind: str
    subject: int
    actor: int
    hour: int
    chance: int

    def attributes(self, number: int, source: str) -> dict[str, Any]:
        """Return the event as CloudEvents JSON would hold it."""
        at = BASE + timedelta(hours=self.hour)
        late = timedelta(hours=(0, 0, 1, 30)[self.chance % 4])
        person = f"p{self.actor}"
        return {
            "specversion": "1.0", "id": f"e{number:03d}", "source": source, "type": self.kind,
            "subject": person if self.kind == "employee.left" else f"s{self.subject}",
            "time": f"{at.isoformat()}Z", "receivedtime": f"{(at + late).isoformat()}Z",
            "actorid": person, "ingresspath": ("web", "api")[self.chance // 4 % 2],
            "actorkind": ("human", "human", "human", "bot")[self.chance // 8 % 4],
            "sampledrate": (1, 1, 1, 10)[self.chance // 32 % 4],
            "segmentid": "ab"[self.chance // 128 % 2],
            "data": {"hours": self.chance % 9, "category": ("fix", "write")[self.chance % 2],
                     "maintenance": self.chance % 8 == 0},
        }  # fmt: skip


EVENTS = st.builds(
    Drawn, st.sampled_from(OFTEN), st.integers(0, 3), st.integers(0, 4),
    st.integers(0, HOURS - 1), st.integers(0, 1023),
)  # fmt: skip
Scenario = tuple[Drawn, ...]


def scenarios(count: int) -> list[Scenario]:
    """Return scenarios as Hypothesis draws them, the same ones each time.

    They are collected, not tested one by one: a run of the models is slow, and takes many products
    at once.
    """
    found: list[Scenario] = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    )  # fmt: skip
    @given(st.lists(EVENTS, min_size=30, max_size=60))
    def collect(events: list[Drawn]) -> None:
        found.append(tuple(events))

    # it would draw numbers that stand in the modules which other tests happen to have imported
    with mock.patch.object(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None):
        collect()
    return found
