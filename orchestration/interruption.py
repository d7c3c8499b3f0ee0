"""Ctrl-C on the command line ends the process at once.

dbt can't cancel the queries that DuckDB computes in its threads, and an orderly end would fail on
them. A process that is gone leaves nothing behind: the warehouse's log takes back what was begun.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

EXIT_CODE = 130
_of_command: list[int] = []


def in_command() -> None:
    """Note that this process is a command, which is its user's to stop."""
    _of_command.append(os.getpid())


@contextmanager
def ends_at_once() -> Iterator[None]:
    """Take Ctrl-C for the end while the block runs; Dagster and dbt have handlers of their own.

    Does nothing outside of the command line, where a run is cancelled by who started it.
    """
    if os.getpid() not in _of_command or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def stop() -> NoReturn:
    """End the process, and say what becomes of its work."""
    print(
        "\nStopped. What was published before stays; the next run with news computes everything.",
        file=sys.stderr,
        flush=True,
    )
    sys.stdout.flush()
    os._exit(EXIT_CODE)
