"""The oracle's view of use: sessions and quantiles, from events by the definitions."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.oracles.oracle_events import Event

LONGEST_GAP = timedelta(minutes=30)
PEOPLE = ("human", "unknown")


@dataclass
class Session:
    """What one person does in a product without a pause of more than half an hour."""

    first: Event
    ended_at: datetime
    event_count: int

    @property
    def minutes(self) -> float | None:
        """Length; None where a single event tells of none."""
        length = (self.ended_at - self.first.occurred_at) / timedelta(minutes=1)
        return length if self.event_count > 1 else None


def uses(events: Iterable[Event], types: set[str], excluded: set[str]) -> list[Event]:
    """Return what people did of these event types; machines, tests and nobody are left out."""
    return [
        e for e in events
        if e.type in types and e.actor and e.actor not in excluded and e.actor_kind in PEOPLE
        and not e.is_heartbeat
    ]  # fmt: skip


def sessions(events: Iterable[Event], types: set[str], excluded: set[str]) -> list[Session]:
    """Cut each person's use of each product at gaps of more than half an hour."""
    found: list[Session] = []
    acts: dict[tuple[str, str | None], list[Event]] = defaultdict(list)
    for event in uses(events, types, excluded):
        acts[event.product, event.actor].append(event)
    for mine in acts.values():
        last: Session | None = None
        for event in sorted(mine, key=lambda e: (e.occurred_at, e.source, e.id)):
            if last and event.occurred_at - last.ended_at <= LONGEST_GAP:
                last.ended_at = event.occurred_at
                last.event_count += 1
            else:
                last = Session(event, event.occurred_at, 1)
                found.append(last)
    return found


def quantile(values: list[float], share: float) -> float | None:
    """Return the quantile, interpolated between neighbours; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = ordered[math.floor(place)]
    return low + (ordered[math.ceil(place)] - low) * (place - math.floor(place))
