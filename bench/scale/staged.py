"""`steelyard`, telling of every step and dbt model what it took."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration import progress
from orchestration.cli import main


def _peak() -> float:
    """Peak of resident memory since the last reset, GB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1048576
    return 0.0


@contextmanager
def _measured(name: str) -> Iterator[progress.Step]:
    """Like `progress.step`, and prints CPU, wall and peak of the step."""
    Path("/proc/self/clear_refs").write_text("5")
    began, started = os.times(), time.perf_counter()
    current = progress.Step()
    yield current
    ended = os.times()
    cpu = ended.user - began.user + ended.system - began.system
    wall = time.perf_counter() - started
    print(f"{name:<28} wall {wall:8.2f}s  cpu {cpu:8.2f}s  peak {_peak():6.2f} GB", flush=True)


if __name__ == "__main__":
    # before any module of the steps takes the name from there
    progress.step = _measured
    sys.exit(main())
