"""What several defects do to a frame of events."""

import numpy as np
import pandas as pd

from bench.guard.events import MINUTE

Rng = np.random.Generator


def of(frame: pd.DataFrame, source: str, event_type: str | None = None) -> np.ndarray:
    """Return which events a source of the scenario sent, of one type if it is given."""
    is_of = frame["source"].str.endswith(f"-{source}").to_numpy()
    return is_of if event_type is None else is_of & frame["type"].eq(event_type).to_numpy()


def since(frame: pd.DataFrame, begins: int) -> np.ndarray:
    """Return which events occurred at or after an instant in milliseconds."""
    return (frame["time"] >= begins).to_numpy()


def some(which: np.ndarray, share: float, rng: Rng) -> np.ndarray:
    """Return a random part of what is chosen already; one draw an event, chosen or not."""
    return which & (rng.random(len(which)) < share)


def with_new_ids(events: pd.DataFrame, mark: str) -> pd.DataFrame:
    """Return copies with ids of their own; numbers of a sequence are not given twice."""
    copies = events.copy()
    copies["id"] = copies["id"] + mark
    copies["sequence"] = None
    return copies


def added(frame: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Return the events of both."""
    return pd.concat([frame, more], ignore_index=True)


def never_sent(frame: pd.DataFrame, lost: np.ndarray) -> pd.DataFrame:
    """Return the frame without events that the tool did not make: its numbers have no gaps."""
    kept = frame[~lost].reset_index(drop=True)
    for source in frame.loc[lost, "source"].unique():
        mine = kept.index[kept["source"].eq(source) & kept["sequence"].notna()]
        ordered = kept.loc[mine].sort_values(["time", "sequence"], kind="stable").index
        # a redelivered event has the number of its first copy
        numbers = pd.factorize(kept.loc[ordered, "id"])[0] + 1
        kept.loc[ordered, "sequence"] = [f"{number:08d}" for number in numbers]
    return kept


def start_times(frame: pd.DataFrame) -> pd.Series:
    """Return when each request was opened, by subject."""
    opened = frame[frame["type"].eq("request.opened")]
    return opened.groupby("subject")["time"].min()


def minutes(rng: Rng, low: float, high: float, count: int) -> np.ndarray:
    """Return random spans in milliseconds."""
    return (rng.uniform(low, high, count) * MINUTE).astype("int64")
