"""Tell the person who waits what a run is doing; silent unless somebody listens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_listeners: list[Callable[[str], None]] = []


@contextmanager
def listening(listener: Callable[[str], None]) -> Iterator[None]:
    """Send every line said inside this block to `listener`."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def say(line: str) -> None:
    """Send one line to whoever listens."""
    for listener in _listeners:
        listener(line)


class Step:
    """One step that is under way; `note` is said with its seconds when it ends."""

    def __init__(self) -> None:
        self.note = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Say the step's name, note and seconds once it has ended well."""
    started = time.perf_counter()
    current = Step()
    yield current
    say(f"  {name:<10} {time.perf_counter() - started:6.1f} s  {current.note}".rstrip())
