"""Events that come twice, late, or not at all."""

import numpy as np
import pandas as pd

from bench.guard.defects.tools import (
    Rng,
    added,
    minutes,
    never_sent,
    of,
    since,
    some,
    with_new_ids,
)
from bench.guard.events import DAY, HOUR, WEEK


def redelivery(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A sender without an acknowledgement sends again: same ids, same content, minutes later."""
    again = frame[some(of(frame, "flow") & since(frame, begins), share, rng)].copy()
    again["receivedtime"] += minutes(rng, 1, 30, len(again))
    return added(frame, again)


def double_ingress(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Page and API both report a ticket, each under an id of its own, a second apart."""
    tickets = of(frame, "desk", "ticket.raised") & since(frame, begins)
    twins = with_new_ids(frame[some(tickets, share, rng)], "-b")
    twins["ingresspath"] = np.where(twins["ingresspath"].eq("web"), "api", "web")
    twins["time"] += 1000
    twins["receivedtime"] += 1500
    return added(frame, twins)


def doubled_event(frame: pd.DataFrame, rng: Rng, rate: float, begins: int) -> pd.DataFrame:
    """A deploy leaves another listener: a ticket is reported again on one path, with a new id."""
    tickets = of(frame, "desk", "ticket.raised") & since(frame, begins)
    times = int(rate) + (rng.random(int(tickets.sum())) < rate % 1)
    twins = with_new_ids(frame[tickets].loc[lambda raised: raised.index.repeat(times)], "-b")
    twins["id"] += twins.groupby("id").cumcount().astype(str)
    twins["receivedtime"] += 40
    return added(frame, twins)


def repeated_load(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A load job is run again: it reports the same imports at the same times, with new ids."""
    loaded = of(frame, "loader", "import.finished") & since(frame, begins)
    twins = with_new_ids(frame[some(loaded, share, rng)], "-b")
    twins["receivedtime"] += 40
    return added(frame, twins)


def funnel_reentry(frame: pd.DataFrame, rng: Rng, rate: float, begins: int) -> pd.DataFrame:
    """Going back a page begins another order, with a new number: `rate` more for each order."""
    begun = of(frame, "portal", "order.begun") & since(frame, begins)
    times = rng.poisson(rate, int(begun.sum()))
    again = with_new_ids(frame[begun].loc[lambda orders: orders.index.repeat(times)], "-b")
    copy_number = again.groupby("subject").cumcount().astype(str)
    again["id"] += copy_number
    again["subject"] += "-b" + copy_number
    shift = minutes(rng, 0.2, 6, len(again))
    again["time"] += shift
    again["receivedtime"] += shift
    return added(frame, again)


def reused_id(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A counter that is lost at a restart gives ids out again, to other events."""
    frame = frame.copy()
    portal = of(frame, "portal")
    again = some(portal & since(frame, begins), share, rng)
    earlier = frame.loc[portal & ~since(frame, begins), "id"].to_numpy(object)
    frame.loc[again, "id"] = rng.choice(earlier, int(again.sum()), replace=False)
    return frame


def lost_finishes(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """The flow tool doesn't report some closings."""
    closed = of(frame, "flow", "request.closed") & since(frame, begins)
    return never_sent(frame, some(closed, share, rng))


def lost_finishes_of_a_segment(
    frame: pd.DataFrame, rng: Rng, share: float, begins: int
) -> pd.DataFrame:
    """The flow tool doesn't report closings of one segment, the half of all."""
    closed = of(frame, "flow", "request.closed") & since(frame, begins)
    return never_sent(frame, some(closed & frame["segmentid"].eq("north").to_numpy(), share, rng))


def lost_starts(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """The desk doesn't report some requests being opened; their closings still come."""
    opened = of(frame, "desk", "request.opened") & since(frame, begins)
    return never_sent(frame, some(opened, share, rng))


def lost_in_transit(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Some of all events of the desk are numbered and sent, and never arrive."""
    lost = some(of(frame, "desk") & since(frame, begins), share, rng)
    return frame[~lost].reset_index(drop=True)


def late_batches(frame: pd.DataFrame, rng: Rng, days: float, begins: int) -> pd.DataFrame:
    """The flow tool delivers once in so many days what has gathered since."""
    frame = frame.copy()
    late = of(frame, "flow") & since(frame, begins)
    waits = (frame.loc[late, "time"] - begins) // int(days * DAY) + 1
    frame.loc[late, "receivedtime"] = begins + waits * int(days * DAY) + HOUR
    return frame


def silent_source(frame: pd.DataFrame, rng: Rng, days: float, begins: int) -> pd.DataFrame:
    """The flow tool sends nothing for so many days."""
    return never_sent(frame, of(frame, "flow") & _within(frame, begins, days))


def silent_quiet_source(frame: pd.DataFrame, rng: Rng, days: float, begins: int) -> pd.DataFrame:
    """The source of a few incidents a week sends nothing for so many days, no heartbeat either."""
    return never_sent(frame, of(frame, "watch") & _within(frame, begins, days))


def _within(frame: pd.DataFrame, begins: int, days: float) -> np.ndarray:
    return since(frame, begins) & ~since(frame, begins + int(days * DAY))


def segment_outage(frame: pd.DataFrame, rng: Rng, level: float, begins: int) -> pd.DataFrame:
    """The portal is silent on the smallest segment (1), the largest (2), the larger two (3)."""
    gone = {1: ["west"], 2: ["north"], 3: ["north", "south"]}[int(level)]
    portal = of(frame, "portal") & since(frame, begins)
    return never_sent(frame, portal & frame["segmentid"].isin(gone).to_numpy())


def sampling(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """The portal's client sends only a sample and doesn't say so: `share` is not sent."""
    return never_sent(frame, some(of(frame, "portal") & since(frame, begins), share, rng))


def backfill(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """An import brings the tickets of the last eight weeks again, with new ids and rough times."""
    recent = (frame["time"] >= begins - 8 * WEEK) & (frame["time"] < begins)
    tickets = of(frame, "desk", "ticket.raised") & recent.to_numpy()
    again = with_new_ids(frame[some(tickets, share, rng)], "-i")
    again["ingresspath"] = "import"
    again["time"] = again["time"] // DAY * DAY + 12 * HOUR
    again["receivedtime"] = begins + minutes(rng, 60, 600, len(again))
    return added(frame, again)


def unsent_tasks(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Some requests are handled outside of the tools: neither start nor finish is sent."""
    starts = of(frame, "desk", "request.opened") & since(frame, begins)
    subjects = frame.loc[some(starts, share, rng), "subject"]
    return never_sent(frame, frame["subject"].isin(subjects).to_numpy())
