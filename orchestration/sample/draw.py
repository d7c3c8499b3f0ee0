"""One product's random numbers and the events that come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from zlib import crc32

import numpy as np

from orchestration.sample.calendar import BACKFILL_WEEKS, HOUR, WEEKS, Calendar, Pattern

Texts = Sequence[str] | np.ndarray


@dataclass(frozen=True)
class Batch:
    """Events of one type from one source; the arrays and lists are of one length."""

    source_id: str
    event_type: str
    event_ids: list[str]
    subjects: list[str]
    occurred: np.ndarray
    received: np.ndarray
    recorded: np.ndarray | None
    actors: list[str] | None
    actor_kind: str
    ingress_path: str
    segments: list[str] | None
    environment: str | None
    correlations: list[str] | None
    causations: list[str] | None
    idempotency_keys: list[str] | None
    data: list[dict[str, Any]] | None
    is_heartbeat: bool


class Draw:
    """A stream of random numbers of one's own, so that no product and no part of it moves another.

    `stream` names what is added to a product beside its story.
    """

    def __init__(self, product_id: str, seed: int, calendar: Calendar, stream: str = "") -> None:
        self.product_id = product_id
        self.calendar = calendar
        sequence = np.random.SeedSequence([seed, crc32(f"{product_id}{stream}".encode())])
        self.rng = np.random.Generator(np.random.PCG64(sequence))
        self.batches: list[Batch] = []

    def weeks(self, mean: float | np.ndarray, first: int = 1, last: int = WEEKS) -> np.ndarray:
        """Week numbers, one for each of a Poisson number of things a week."""
        counts = self.rng.poisson(mean, WEEKS)
        numbers = np.repeat(np.arange(1, WEEKS + 1), counts)
        return numbers[(numbers >= first) & (numbers <= last)]

    def moments(self, weeks: np.ndarray, pattern: Pattern) -> np.ndarray:
        """One instant in each of the given weeks, UTC seconds."""
        return self.calendar.moments(self.rng, weeks, pattern)

    def lasting(self, mean: float | np.ndarray, spread: float, size: int) -> np.ndarray:
        """Lognormal durations with the given mean, in the unit of the mean."""
        return mean * np.exp(self.rng.normal(-(spread**2) / 2, spread, size))

    def chance(self, share: float | np.ndarray, size: int) -> np.ndarray:
        """Booleans that are true with the given probability."""
        return self.rng.random(size) < share

    def names(self, prefix: str, size: int) -> list[str]:
        """Identifiers of things, without order or meaning."""
        return [f"{prefix}-{n:012x}" for n in self.rng.integers(1 << 48, size=size)]

    def people(self, count: int) -> np.ndarray:
        """Keyed hashes in place of people's ids, the same for every seed."""
        return np.array([hashed(self.product_id, n) for n in range(count)])

    def emit(
        self,
        source_id: str,
        event_type: str,
        occurred: np.ndarray,
        subjects: Texts | None = None,
        *,
        actors: Texts | None = None,
        actor_kind: str = "human",
        path: str = "web",
        segments: Texts | None = None,
        environment: str | None = None,
        correlations: Texts | None = None,
        causations: Texts | None = None,
        idempotency_keys: Texts | None = None,
        data: Mapping[str, Sequence[Any] | np.ndarray] | None = None,
        recorded: np.ndarray | None = None,
        keep: np.ndarray | None = None,
        is_heartbeat: bool = False,
    ) -> list[str]:
        """Add events and return their ids, of the left out ones too: not kept, or not yet received.

        Times are UTC seconds. Everything is drawn for all events first, so that leaving some out
        moves no other number.
        """
        size = len(occurred)
        ids = [f"{n:016x}" for n in self.rng.integers(1 << 63, size=size)]
        if subjects is None:
            subjects = self.names(event_type.split(".")[0], size)
        received = self._received(occurred if recorded is None else recorded)
        chosen = received < self.calendar.end
        if keep is not None:
            chosen &= keep
        rows = np.flatnonzero(chosen).tolist()
        columns = None if data is None else {name: _plain(column) for name, column in data.items()}
        self.batches.append(
            Batch(
                source_id,
                event_type,
                [ids[i] for i in rows],
                [subjects[i] for i in rows],
                occurred[chosen],
                received[chosen],
                None if recorded is None else recorded[chosen],
                _picked(actors, rows),
                actor_kind,
                path,
                _picked(segments, rows),
                environment,
                _picked(correlations, rows),
                _picked(causations, rows),
                _picked(idempotency_keys, rows),
                None
                if columns is None
                else [{name: column[i] for name, column in columns.items()} for i in rows],
                is_heartbeat,
            )
        )
        return ids

    def alive(self, source_id: str, event_type: str) -> None:
        """A sign of life a day, at three in the morning and some seconds."""
        at = self.calendar.midnights[:-1] + 3 * HOUR + self.rng.uniform(0, 60, 7 * WEEKS)
        subjects = [source_id] * len(at)
        self.emit(
            source_id,
            event_type,
            at,
            subjects,
            actor_kind="service",
            path="api",
            is_heartbeat=True,
        )

    def _received(self, occurred: np.ndarray) -> np.ndarray:
        """Most events arrive within minutes, one in a hundred within hours: a laptop was shut.

        What occurred before collecting began came in one delivery, the backfill.
        """
        size = len(occurred)
        lag = self.lasting(45.0, 0.7, size)
        lag = np.where(self.chance(0.01, size), self.rng.uniform(1, 10, size) * HOUR, lag)
        began = self.calendar.day_start(BACKFILL_WEEKS + 1, 0)
        return np.maximum(occurred + lag, began + self.rng.uniform(0, HOUR, size))


def hashed(product_id: str, number: int) -> str:
    """A keyed hash as a collector would write it for a person; the people are invented too."""
    key = b"sample organisation"
    return blake2b(f"{product_id}/{number}".encode(), digest_size=8, key=key).hexdigest()


def stepped(before: float, after: float, week: int) -> np.ndarray:
    """A level for each week that changes at the beginning of the given one (counted from 1)."""
    return np.where(np.arange(1, WEEKS + 1) < week, before, after)


def _picked(values: Texts | None, rows: list[int]) -> list[str] | None:
    return None if values is None else [str(values[i]) for i in rows]


def _plain(column: Sequence[Any] | np.ndarray) -> Sequence[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column
