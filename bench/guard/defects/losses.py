"""Lines that come and can't be read."""

import pandas as pd

from bench.guard.defects.tools import Rng, since, some

TORN = (
    "id", "source", "type", "subject", "sequence", "ingresspath", "actorid", "actorkind",
    "segmentid",
)  # fmt: skip


def torn_times(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """What copies the files tears lines: nothing says whose they are, nor of which week."""
    torn = some(since(frame, begins), share, rng)
    frame = frame.assign(time=frame["time"].where(~torn))
    frame.loc[torn, list(TORN)] = None
    return frame


def torn_lines(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """What copies the files tears lines: nothing says any more whose they are."""
    frame = frame.copy()
    torn = some(since(frame, begins), share, rng)
    frame.loc[torn, list(TORN)] = None
    return frame
