"""Import what later steps need while DuckDB works, which leaves the interpreter alone meanwhile."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

LATER = ("pandas", "scipy.stats", "great_expectations")
"""What judging and the gate import: two seconds of a small run, mostly Great Expectations."""


@contextmanager
def importing_ahead() -> Iterator[None]:
    """Import it beside the block, which should import nothing itself; done when the block ends."""
    thread = Thread(target=_import, name="imports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _import() -> None:
    for name in LATER:
        # what can't be imported says so where it is needed
        with suppress(Exception):
            importlib.import_module(name)
