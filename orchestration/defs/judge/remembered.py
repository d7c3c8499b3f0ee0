"""Resampled intervals of earlier runs, by a digest of everything that they are computed from."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Interval = tuple[float, float] | None

TABLE = "built.intervals"
HERE = Path(__file__).parent
CODE = [*sorted((HERE.parents[1] / "method").glob("*.py")), *sorted(HERE.glob("*_intervals.py"))]


class Remembered:
    """Looks intervals up, computes those that nobody computed, and keeps what was asked for."""

    def __init__(self, known: dict[str, Interval]) -> None:
        self._known = known
        self.used: dict[str, Interval] = {}

    def interval(
        self, key: str, numbers: list[NDArray[np.float64]], compute: Callable[[], Interval]
    ) -> Interval:
        """Return what `compute` returned for this key and these numbers, to the last bit.

        Args:
            key: Everything but the numbers that the interval depends on; its seed, for example.
            numbers: The samples that are drawn from, in order.
            compute: Makes the interval; a function of key and numbers alone.
        """
        digest = hashlib.sha256(f"{key}|{[len(part) for part in numbers]}".encode())
        for part in numbers:
            digest.update(part.tobytes())
        name = digest.hexdigest()
        if name not in self.used:
            self.used[name] = self._known[name] if name in self._known else compute()
        return self.used[name]


@contextmanager
def remembered(
    connection: duckdb.DuckDBPyConnection, kind: str, is_of_all: bool = True
) -> Iterator[Remembered]:
    """Give the intervals of one kind that the last run knew; keep those that this one uses.

    Where `is_of_all` is false this run asks for some only, and keeps what it was given as well.
    """
    connection.execute("create schema if not exists built")
    connection.execute(
        f"create table if not exists {TABLE} "
        "(kind varchar, code varchar, digest varchar, low double, high double)"
    )
    rows = connection.execute(
        f"select digest, low, high from {TABLE} where kind = ? and code = ?", [kind, _code()]
    ).fetchall()
    memory = Remembered(
        {digest: None if low is None else (low, high) for digest, low, high in rows}
    )
    given = set() if is_of_all else {digest for digest, *_ in rows}
    yield memory
    kept = pd.DataFrame(
        [
            (kind, _code(), name, *(found or (None, None)))
            for name, found in memory.used.items()
            if name not in given
        ],
        columns=["kind", "code", "digest", "low", "high"],
    )
    if is_of_all:
        connection.execute(f"delete from {TABLE} where kind = ?", [kind])
    connection.register("kept", kept)
    connection.execute(f"insert into {TABLE} select * from kept")
    connection.unregister("kept")


@cache
def _code() -> str:
    """Digest of the code that resamples: another one may draw otherwise."""
    digest = hashlib.sha256(f"{version('numpy')} {version('scipy')}".encode())
    for path in CODE:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
