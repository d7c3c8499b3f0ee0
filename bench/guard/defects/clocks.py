"""Times that are wrong, while the events come."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from bench.guard.defects.tools import Rng, minutes, of, since, some, start_times
from bench.guard.events import DAY, HOUR

LOCAL = ZoneInfo("Europe/Berlin")
SUMMER_TIME = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp() * 1000)


def _closings(frame: pd.DataFrame, begins: int) -> np.ndarray:
    return of(frame, "flow", "request.closed") & since(frame, begins)


def negative_durations(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A closing is stamped with the time of an earlier draft, before the request was opened."""
    frame = frame.copy()
    wrong = some(_closings(frame, begins), share, rng)
    opened = frame.loc[wrong, "subject"].map(start_times(frame)).fillna(frame.loc[wrong, "time"])
    frame.loc[wrong, "time"] = opened.astype("int64") - minutes(rng, 1, 40, int(wrong.sum()))
    return frame


def zero_durations(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A closing is stamped with the time at which the request was opened."""
    frame = frame.copy()
    wrong = some(_closings(frame, begins), share, rng)
    opened = frame.loc[wrong, "subject"].map(start_times(frame)).fillna(frame.loc[wrong, "time"])
    frame.loc[wrong, "time"] = opened.astype("int64")
    return frame


def seconds_as_milliseconds(
    frame: pd.DataFrame, rng: Rng, share: float, begins: int
) -> pd.DataFrame:
    """Waiting times are sent as milliseconds where seconds are promised: 1000 times as large."""
    frame = frame.copy()
    wrong = some(of(frame, "desk", "ticket.raised") & since(frame, begins), share, rng)
    values = pd.to_numeric(frame.loc[wrong, "data.wait_seconds"]) * 1000
    frame.loc[wrong, "data.wait_seconds"] = values.map("{:.1f}".format).astype(object)
    return frame


def elapsed_in_wrong_unit(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A closing's time is reckoned from elapsed seconds that are taken for milliseconds."""
    frame = frame.copy()
    wrong = some(_closings(frame, begins), share, rng)
    opened = frame.loc[wrong, "subject"].map(start_times(frame)).fillna(frame.loc[wrong, "time"])
    elapsed = (frame.loc[wrong, "time"] - opened) // 1000
    frame.loc[wrong, "time"] = (opened + elapsed).astype("int64")
    return frame


def local_time_as_utc(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Some of the flow tool's servers send wall-clock time, one or two hours ahead, as UTC."""
    frame = frame.copy()
    wrong = some(_closings(frame, begins), share, rng)
    instants = pd.to_datetime(frame.loc[wrong, "time"], unit="ms", utc=True)
    walls = instants.dt.tz_convert(LOCAL).dt.tz_localize(None)
    frame.loc[wrong, "time"] = (walls.to_numpy("datetime64[ms]")).astype("int64")
    return frame


def daylight_saving_slip(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Some servers keep winter time after the clocks change: an hour ahead once put into UTC."""
    frame = frame.copy()
    wrong = some(_closings(frame, max(begins, SUMMER_TIME)), share, rng)
    frame.loc[wrong, "time"] += HOUR
    return frame


def clock_drift(frame: pd.DataFrame, rng: Rng, seconds: float, begins: int) -> pd.DataFrame:
    """The flow tool's clock gains so many seconds each day."""
    frame = frame.copy()
    wrong = _closings(frame, begins)
    days = (frame.loc[wrong, "time"] - begins) / DAY
    frame.loc[wrong, "time"] += (days * seconds * 1000).astype("int64")
    return frame


def clock_behind(frame: pd.DataFrame, rng: Rng, hours: float, begins: int) -> pd.DataFrame:
    """The flow tool's clock is behind: its events look older than they are, as late ones do."""
    frame = frame.copy()
    frame.loc[_closings(frame, begins), "time"] -= int(hours * HOUR)
    return frame


def heaping(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """People type in when a request was opened, as full hours."""
    frame = frame.copy()
    wrong = some(of(frame, "desk", "request.opened") & since(frame, begins), share, rng)
    frame.loc[wrong, "time"] = frame.loc[wrong, "time"] // HOUR * HOUR
    return frame


def reordered_steps(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A client's queue is sent the wrong way round: an order is sent before it was begun."""
    frame = frame.copy()
    orders = of(frame, "portal") & frame["type"].str.startswith("order.").to_numpy()
    steps = frame[orders & since(frame, begins)]
    subjects = steps["subject"].drop_duplicates().sort_values()
    chosen = steps[steps["subject"].isin(subjects[rng.random(len(subjects)) < share])]
    ends = chosen.groupby("subject")["time"].agg(["min", "max"])
    frame.loc[chosen.index, "time"] = (
        chosen["subject"].map(ends["min"] + ends["max"]) - chosen["time"]
    )
    arrived = chosen.groupby("subject")["receivedtime"].transform("max")
    frame.loc[chosen.index, "receivedtime"] = arrived
    return frame
