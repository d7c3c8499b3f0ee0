"""The values of clean scenarios from their definitions, by pandas: nothing of the models is used.

What a clean twin publishes is the truth that broken scenarios are held against; this tells whether
it is. Events are taken as they were drawn; of what came twice, one.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from bench.guard.batches import CLEAN, Case
from bench.guard.defects import METRICS
from bench.guard.events import BEGIN, DAY, HOUR, WEEK, WEEKS, week_begin
from bench.guard.registry import FUNNEL_STEPS, TAU_HOURS
from bench.guard.scenario import clean

EQUAL = 1e-9
SEED_COUNT = 5
FUNNEL_WINDOW = DAY


def values(seed: int) -> dict[str, np.ndarray]:
    """Return each metric's value in each week; NaN where nothing is divided by."""
    frame = clean("truth", seed).drop_duplicates("id")
    frame = frame[~frame["heartbeat"]].assign(week=lambda f: (f["time"] - BEGIN) // WEEK)
    of = dict(tuple(frame.groupby("type")))
    closed, tickets, loaded = of["request.closed"], of["ticket.raised"], of["import.finished"]
    incidents, active, opened = of["incident.opened"], of["user.active"], of["request.opened"]
    eligible = _sum(of["roster.published"], "eligible_people")
    users = _weekly(active.drop_duplicates(["week", "actorid"]))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "time_to_close": _restricted_mean(opened, closed),
            "resolved_share": _state(closed, "resolved") / _weekly(closed),
            "fixing_share": _sum(closed, "fixing_minutes") / _sum(closed, "effort_minutes"),
            "open_requests": _open(opened, [closed, of["request.withdrawn"]]),
            "tickets_per_user": _weekly(tickets) / users,
            "mean_wait": _sum(tickets, "wait_seconds") / _weekly(tickets),
            "adoption": users / eligible,
            "requests_per_week": _weekly(opened),
            "incidents_per_week": _weekly(incidents),
            "order_completion": _funnel([of[step] for step in FUNNEL_STEPS]),
            "mean_outage": _sum(incidents, "outage_minutes") / _weekly(incidents),
            "wrong_rows": _sum(loaded, "wrong_rows") / _sum(loaded, "rows"),
            "clean_imports": _state(loaded, "clean") / _weekly(loaded),
        }


def _weekly(events: pd.DataFrame) -> np.ndarray:
    return np.bincount(events["week"], minlength=WEEKS)[:WEEKS].astype(float)


def _sum(events: pd.DataFrame, quantity: str) -> np.ndarray:
    amounts = pd.to_numeric(events[f"data.{quantity}"]).to_numpy(float)
    return np.bincount(events["week"], amounts, WEEKS)[:WEEKS]


def _state(events: pd.DataFrame, state: str) -> np.ndarray:
    return _weekly(events[events["data.state"].eq(f'"{state}"')])


def _restricted_mean(opened: pd.DataFrame, closed: pd.DataFrame) -> np.ndarray:
    """Mean hours up to the limit, by the week of the start; what never ends counts the limit."""
    ends = closed.set_index("subject")["time"]
    hours = (opened["subject"].map(ends) - opened["time"]) / HOUR
    restricted = hours.fillna(TAU_HOURS).clip(upper=TAU_HOURS).to_numpy(float)
    return np.bincount(opened["week"], restricted, WEEKS)[:WEEKS] / _weekly(opened)


def _open(opened: pd.DataFrame, ended: Sequence[pd.DataFrame]) -> np.ndarray:
    """How many were opened before the end of each week, and not ended."""
    ends = pd.concat(ended).groupby("subject")["time"].min()
    lasts = opened["subject"].map(ends)
    sundays = [week_begin(week + 1) for week in range(WEEKS)]
    return np.array(
        [((opened["time"] < end) & ~(lasts < end)).sum() for end in sundays], dtype=float
    )


def _funnel(steps: Sequence[pd.DataFrame]) -> np.ndarray:
    """Share of first steps whose last one was reached in order, in time."""
    first = steps[0]
    at = reached = first["time"]
    for step in steps[1:]:
        at = first["subject"].map(step.set_index("subject")["time"]).where(lambda t, a=at: t >= a)
        at = at.where(at <= reached + FUNNEL_WINDOW)
    return _weekly(first[at.notna()]) / _weekly(first)


def agreement(
    published: dict[str, pd.DataFrame],
    seeds: Sequence[int],
    truth: Callable[[int], dict[str, np.ndarray]] = values,
) -> list[str]:
    """Return in words how many published values of clean scenarios are those of the definitions."""
    same, compared = dict.fromkeys(METRICS, 0), dict.fromkeys(METRICS, 0)
    for seed in seeds:
        mine, own = published[Case(CLEAN, "none", seed).product_id], truth(seed)
        shown = mine[mine["value"].notna() & mine["week"].between(0, WEEKS - 1)]
        for metric_id, rows in shown.groupby("metric_id"):
            expected = own[metric_id][rows["week"].to_numpy(int)]
            is_same = np.isclose(rows["value"].to_numpy(float), expected, rtol=EQUAL, atol=0)
            same[metric_id] += int(is_same.sum())
            compared[metric_id] += len(rows)
    other = [
        f"`{m}` {compared[m] - same[m]} of {compared[m]}" for m in METRICS if same[m] < compared[m]
    ]
    return [
        f"- The truth itself: the values of {len(METRICS)} metrics were computed from the drawn "
        f"events of {len(seeds)} clean scenarios by the metrics' definitions, without the models "
        f"(`bench/guard/truth.py`). {sum(same.values()):,} of {sum(compared.values()):,} published "
        "weekly values agree to nine digits" + (f"; not {', '.join(other)}." if other else ".")
    ]
