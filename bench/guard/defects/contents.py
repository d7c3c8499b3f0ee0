"""Events that come, and say or lack the wrong thing."""

import numpy as np
import pandas as pd

from bench.guard.defects.tools import Rng, added, of, since, some
from bench.guard.events import DAY, END, MINUTE

TEST_ACCOUNTS = ("qa-robot-1", "qa-robot-2")
"""On the registry's list of excluded accounts."""


def renamed_activity(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A release calls a step `order.form_filled`; its old name isn't sent from there."""
    frame = frame.copy()
    filled = some(of(frame, "portal", "order.filled") & since(frame, begins), share, rng)
    frame.loc[filled, "type"] = "order.form_filled"
    return frame


def renamed_property(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A release calls the state of a closed request `status`."""
    frame = frame.copy()
    wrong = some(of(frame, "flow", "request.closed") & since(frame, begins), share, rng)
    frame["data.status"] = frame["data.state"].where(wrong, None)
    frame.loc[wrong, "data.state"] = None
    return frame


def type_change(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Effort comes as a text with its unit, such as `26.5 min`."""
    frame = frame.copy()
    wrong = some(of(frame, "flow", "request.closed") & since(frame, begins), share, rng)
    frame.loc[wrong, "data.effort_minutes"] = (
        '"' + frame.loc[wrong, "data.effort_minutes"].astype(object) + ' min"'
    )
    return frame


def required_field_gone(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Tickets come without the seconds that people waited."""
    frame = frame.copy()
    wrong = some(of(frame, "desk", "ticket.raised") & since(frame, begins), share, rng)
    frame.loc[wrong, "data.wait_seconds"] = None
    return frame


def bots(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Scripts with two people's tokens poll the portal round the clock, `share` of real use."""
    usual = of(frame, "portal", "user.active") & ~since(frame, begins)
    weekly = usual[(frame["time"] >= begins - 56 * DAY).to_numpy()].sum() / 8
    count = max(round(weekly * share), 2)
    times = np.arange(begins, END, 7 * DAY // count)
    times = times + rng.integers(0, 20_000, len(times))
    actors = np.where(np.arange(len(times)) % 2 == 0, "5c71b70000a1", "5c71b70000a2")
    return added(frame, _portal_events(frame, times, actors, "z", agent='"python-requests/2.32"'))


def test_accounts(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """Testers use the live portal with accounts that the registry lists, `share` of real use."""
    usual = of(frame, "portal", "user.active") & since(frame, begins)
    real = frame.loc[usual, "time"].to_numpy()
    times = np.sort(rng.choice(real, max(round(len(real) * share), 1)))
    times = times + rng.integers(0, 20 * MINUTE, len(times))
    actors = rng.choice(TEST_ACCOUNTS, len(times)).astype(object)
    return added(frame, _portal_events(frame, times, actors, "q", agent=None))


def _portal_events(
    frame: pd.DataFrame, times: np.ndarray, actors: np.ndarray, mark: str, agent: str | None
) -> pd.DataFrame:
    """Return signs of use by accounts that are no people."""
    source = frame.loc[of(frame, "portal"), "source"].iloc[0]
    events = pd.DataFrame(
        {
            "source": source, "type": "user.active", "subject": actors, "actorid": actors,
            "actorkind": "human", "ingresspath": "api", "heartbeat": False,
            "time": times // 1000 * 1000, "receivedtime": times + 15_000,
            "id": [f"{mark}{number:06d}" for number in range(len(times))],
        }
    )  # fmt: skip
    if agent is not None:
        events["data.user_agent"] = agent
    return events


def anonymised_actors(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A privacy setting removes who used the portal."""
    frame = frame.copy()
    wrong = some(of(frame, "portal", "user.active") & since(frame, begins), share, rng)
    frame.loc[wrong, "actorid"] = None
    return frame


def merged_actors(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """A change of sign-in gives one shared id to this share of the people on the portal."""
    frame = frame.copy()
    people = np.sort(frame.loc[of(frame, "portal"), "actorid"].dropna().unique())
    merged = rng.permutation(people)[: max(round(len(people) * share), 2)]
    wrong = of(frame, "portal") & since(frame, begins) & frame["actorid"].isin(merged).to_numpy()
    frame.loc[wrong, "actorid"] = merged[0]
    return frame


def denominator_collapse(frame: pd.DataFrame, rng: Rng, left: float, begins: int) -> pd.DataFrame:
    """The roster's export holds one department only: `left` of the eligible people."""
    frame = frame.copy()
    wrong = of(frame, "watch", "roster.published") & since(frame, begins)
    eligible = pd.to_numeric(frame.loc[wrong, "data.eligible_people"]) * left
    frame.loc[wrong, "data.eligible_people"] = eligible.round().astype(int).astype(str)
    return frame


def wrong_state(frame: pd.DataFrame, rng: Rng, share: float, begins: int) -> pd.DataFrame:
    """People close what they return as resolved: the field is there and says the wrong thing."""
    frame = frame.copy()
    returned = frame["data.state"].eq('"returned"').to_numpy() & since(frame, begins)
    frame.loc[some(returned, share, rng), "data.state"] = '"resolved"'
    return frame


def biased_effort(frame: pd.DataFrame, rng: Rng, factor: float, begins: int) -> pd.DataFrame:
    """Time on fixing is booked a little too low, by everybody alike."""
    frame = frame.copy()
    wrong = of(frame, "flow", "request.closed") & since(frame, begins)
    fixing = pd.to_numeric(frame.loc[wrong, "data.fixing_minutes"]) * factor
    frame.loc[wrong, "data.fixing_minutes"] = fixing.map("{:.1f}".format).astype(object)
    return frame
