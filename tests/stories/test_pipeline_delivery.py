"""The pipelines' quarters of deliveries are what was planted: each route, and what has none."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from orchestration.sample.calendar import HOUR, ZONE, Calendar
from orchestration.sample.draw import Draw
from orchestration.sample.products.pipeline_delivery import WAYS, _arrivals, pipeline_delivery
from orchestration.workspace import Workspace
from tests.conftest import SAMPLE_ENDS_ON, SAMPLE_SEED
from tests.oracles.compare import query

PRODUCT = "data_pipelines"
COLUMNS = (
    "deployment_count",
    "remediation_count",
    "failed_count",
    "change_fail_rate",
    "route_3_share",
    "evidence_count",
    "unattributed_share",
    "rework_rate",
    "mended_only_count",
    "median_recovery_hours",
)
SERVED = f"""
    select quarter_start_date, {", ".join(COLUMNS)} from marts.fct_delivery_quarters
    where product_id = '{PRODUCT}' and is_product and is_complete
"""
THREE_DAYS = timedelta(days=3)


@dataclass
class Quarter:
    """What was planted in one quarter."""

    arrivals: Counter[str] = field(default_factory=Counter)
    """By kind."""
    failures: Counter[str] = field(default_factory=Counter)
    """By the way in which a failure is known."""
    unexplained: int = 0
    """Incidents on Sundays."""
    recoveries: list[float] = field(default_factory=list)
    """Hours from a failed arrival to the end of its incident, or to what mended it."""


def quarter_of(at: float) -> date:
    """First Monday of the quarter of an instant (UTC seconds); a week belongs to its Thursday's."""
    thursday = monday_of(datetime.fromtimestamp(at, UTC).astimezone(ZONE).date()) + THREE_DAYS
    return monday_of(date(thursday.year, 3 * ((thursday.month - 1) // 3) + 1, 1) + THREE_DAYS)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def planted(ends_on: date) -> dict[date, Quarter]:
    """Every quarter of the sample that ends on a day, from the drawn numbers alone."""
    quarters: dict[date, Quarter] = defaultdict(Quarter)
    calendar = Calendar.ending_on(ends_on)
    first, whole = (Draw(PRODUCT, SAMPLE_SEED, calendar, "/pipeline_delivery") for _ in range(2))
    arrivals, ways = _arrivals(first)
    for at, kind in zip(arrivals.at, arrivals.kind, strict=True):
        quarters[quarter_of(at)].arrivals[kind] += 1
    pipeline_delivery(whole)
    ended = [b.occurred for b in whole.batches if b.event_type == "incident.resolved"]
    resolved = {way: iter(times) for way, times in zip(WAYS, ended, strict=False)}
    for row, way in ways.items():
        found = quarters[quarter_of(arrivals.at[row])]
        found.failures[way] += 1
        # the last incidents are not yet received; a roll-back or hotfix is the next arrival
        end = next(resolved[way], 0.0) if way in WAYS[:3] else arrivals.at[row + 1]
        found.recoveries.append((end - arrivals.at[row]) / HOUR)
    noticed = [b.occurred for b in whole.batches if b.event_type == "incident.started"]
    for at in noticed[-1]:
        quarters[quarter_of(at)].unexplained += 1
    return quarters


def implied(quarter: Quarter) -> dict[str, Any]:
    """The served columns, by hand from what was planted."""
    arrivals, failures = quarter.arrivals, quarter.failures
    deployments = arrivals["planned"] + arrivals["hotfix"]
    failed = failures.total()
    incidents = sum(failures[way] for way in ("cause", "artifact", "window"))
    evidence = incidents + quarter.unexplained + arrivals["hotfix"] + arrivals["rollback"]
    return {
        "deployment_count": deployments,
        "remediation_count": arrivals["rollback"],
        "failed_count": failed,
        "change_fail_rate": failed / deployments,
        "route_3_share": (failures["window"] + failures["hotfix"]) / failed,
        "evidence_count": evidence,
        "unattributed_share": quarter.unexplained / evidence,
        "rework_rate": arrivals["hotfix"] / deployments,
        "mended_only_count": failures["rollback"] + failures["hotfix"],
        "median_recovery_hours": median(quarter.recoveries),
    }


def compare(workspace: Workspace, ends_on: date) -> None:
    """Each complete quarter that is served is the one that was planted."""
    quarters = planted(ends_on)
    served = {
        start: dict(zip(COLUMNS, row, strict=True)) for start, *row in query(workspace, SERVED)
    }
    assert len(served) >= 3
    for start, row in served.items():
        assert row == pytest.approx(implied(quarters[start]), rel=1e-5), start


def test_each_quarter_has_the_rework_recovery_routes_and_unexplained_that_were_planted(
    published_sample: Workspace,
) -> None:
    compare(published_sample, SAMPLE_ENDS_ON)


def test_each_way_in_which_a_failure_is_known_is_planted_and_some_are_not_explained() -> None:
    quarters = planted(SAMPLE_ENDS_ON).values()
    failures = sum((quarter.failures for quarter in quarters), Counter[str]())
    assert set(failures) == set(WAYS) and min(failures.values()) >= 3
    assert sum(quarter.unexplained for quarter in quarters) >= 10
