"""Golden products for intervals and bounds: worked figures of the method, one product each."""

from tests.oracles.golden import task
from tests.oracles.warehouse import Row

ENDS = {"nine": None, "half_open": None, "manski": None}
WATCHED = {
    "nine": ["job_time", "job_minutes"],
    "half_open": ["job_time"],
    "manski": ["job_time", "attainment"],
}

NINE = [1, 2, 2, 3, 5, 8, 13, 21, 34]
"""Hours of which the method works out median, geometric mean and Cox's mean."""


def events() -> list[Row]:
    """Return all events of these products."""
    return [row for part in (nine(), half_open(), manski()) for row in part]


def nine() -> list[Row]:
    """Nine finished items."""
    pairs = [task("nine", "job", f"n{i}", i, i + length) for i, length in enumerate(NINE)]
    return [row for pair in pairs for row in pair]


def half_open() -> list[Row]:
    """Seven finished items and two that never do: the eighth of nine bounds the median."""
    lengths = [*NINE[:7], None, None]
    pairs = [
        task("half_open", "job", f"h{i}", i, None if length is None else i + length)
        for i, length in enumerate(lengths)
    ]
    return [row for pair in pairs for row in pair]


def manski() -> list[Row]:
    """24 items that met their 72 h (after 1, 2, 3.. h), 6 that came late, 10 never finished."""
    lengths = [*range(1, 25), *[80.0] * 6, *[None] * 10]
    pairs = [
        task("manski", "job", f"m{i}", i, None if length is None else i + length)
        for i, length in enumerate(lengths)
    ]
    return [row for pair in pairs for row in pair]
