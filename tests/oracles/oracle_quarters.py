"""The oracle's five delivery measures, by service and quarter and for the whole product."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from tests.oracles.oracle_delivery import CHANGES, Change, Deployment, Evidence, known_artifacts
from tests.oracles.oracle_events import instant
from tests.oracles.oracle_grid import WEEK, bounds
from tests.oracles.oracle_measures import HOUR
from tests.oracles.oracle_metrics import Oracle

Place = tuple[str, bool, date]
"""Service, whether the row is the product's, first Monday of the quarter."""
Row = dict[str, float | int | bool | None]


@dataclass
class Quarter:
    """What falls into one quarter of a service, or of a product."""

    deployments: list[Deployment] = field(default_factory=list)
    leads: list[timedelta] = field(default_factory=list)
    reverting: set[tuple[str | None, datetime]] = field(default_factory=set)
    evidence: list[Evidence] = field(default_factory=list)


def quarters(oracle: Oracle, product: str) -> dict[Place, Row]:
    """Return the measures of each quarter from a service's first arrival to the end."""
    mine = [d for d in oracle.deliveries[0] if d.event.product == product]
    live = [d for d in mine if d.event.environment in (None, "production")]
    if not live:
        return {}
    found: dict[Place, Quarter] = defaultdict(Quarter)
    sent = [e for e in oracle.by_type["service.deployed"] if e.product == product]
    begun = min(e.occurred_at for name in {e.source for e in sent}
                for e in sent if e.source == name)  # fmt: skip
    until = max(oracle.until[e.source] for e in sent)
    firsts: dict[tuple[str, bool], date] = {}
    for d in live:
        for place in _places(oracle, d.service, d.event.occurred_at):
            found[place].deployments.append(d)
            firsts[place[:2]] = min(place[2], firsts.get(place[:2], place[2]))
    for change in _new_changes(oracle, product, live):
        service, at = str(change.event.data.get("service")), change.deployed_at
        committed_at = instant(change.event.data.get("committed_at"))
        for place in _places(oracle, service, at) if at else ():
            if committed_at and at:
                found[place].leads.append(at - committed_at)
            if at and change.facts()["is_revert"]:
                found[place].reverting.add((service, at))
    for told in oracle.deliveries[1]:
        if told.product == product and told.environment in (None, "production"):
            for place in _places(oracle, told.service, told.seen_at):
                found[place].evidence.append(told)
    rows: dict[Place, Row] = {}
    for (service, is_product), first in firsts.items():
        start = first
        while start <= oracle.calendar.week(until):
            length = bounds("quarter", start)[1] * WEEK
            since, to = oracle.calendar.start(start), oracle.calendar.start(start + length)
            known = min(to, until) - max(since, begun)
            place = (service, is_product, start)
            rows[place] = {"is_complete": since >= begun and to <= until, **_row(
                found[place], known / WEEK)}  # fmt: skip
            start += length
    return rows


def _places(oracle: Oracle, service: str | None, at: datetime) -> list[Place]:
    quarter = bounds("quarter", oracle.calendar.week(at))[0]
    named = [(service, False, quarter)] if service else []
    return [*named, ("all", True, quarter)]


def _new_changes(oracle: Oracle, product: str, live: list[Deployment]) -> list[Change]:
    """Return the changes that surely were new with an arrival.

    Behind an artefact of unknown origin they may have been live for long.
    """
    known = known_artifacts(oracle.of_types(CHANGES))
    told = {
        (d.service, d.event.occurred_at) for d in live
        if d.replaced is None or (product, d.service, d.replaced) in known
    }  # fmt: skip
    return [
        c for c in oracle.changes
        if c.event.product == product and c.deployed_at
        and (str(c.event.data.get("service")), c.deployed_at) in told
    ]  # fmt: skip


def _row(quarter: Quarter, weeks: float) -> Row:
    counted = [d for d in quarter.deployments if not d.is_remediation]
    failed = [d for d in counted if d.is_failed]
    hotfixes = sum(d.kind == "hotfix" for d in counted)
    has_kind = any(d.kind for d in counted)
    leads = [lead for lead in quarter.leads if lead >= timedelta(0)]
    mended = [d for d in failed if all(e.kind != "incident" for e in d.evidence)]
    recoveries = [_recovery(d) for d in failed]
    lost = sum(e.route == 0 for e in quarter.evidence)
    by_time = sum(min(e.route for e in d.evidence) == 3 for d in failed)
    return {
        "observed_weeks": weeks, "deployment_count": len(counted),
        "remediation_count": len(quarter.deployments) - len(counted),
        "deployments_per_week": len(counted) / weeks if weeks else None,
        "change_count": len(leads), "negative_lead_time_count": len(quarter.leads) - len(leads),
        "median_lead_time_hours": median(lead / HOUR for lead in leads) if leads else None,
        "failed_count": len(failed),
        "change_fail_rate": len(failed) / len(counted) if counted else None,
        "route_3_share": by_time / len(failed) if failed else None,
        "evidence_count": len(quarter.evidence),
        "unattributed_share": lost / len(quarter.evidence) if quarter.evidence else None,
        "rework_count": hotfixes if has_kind else None,
        "rework_rate": hotfixes / len(counted) if has_kind else None,
        "reverting_count": sum(
            (d.service, d.event.occurred_at) in quarter.reverting for d in counted
        ),
        "median_recovery_hours": _middle(recoveries),
        "open_recovery_count": sum(recovery is None for recovery in recoveries),
        "mended_only_count": len(mended),
    }  # fmt: skip


def _recovery(failed: Deployment) -> timedelta | None:
    """Return the time to the last resolution of the incidents, else to the first mend."""
    incidents = [e.resolved_at for e in failed.evidence if e.kind == "incident"]
    if not incidents:
        return min(e.seen_at for e in failed.evidence) - failed.event.occurred_at
    ends = [at for at in incidents if at]
    return max(ends) - failed.event.occurred_at if len(ends) == len(incidents) else None


def _middle(recoveries: list[timedelta | None]) -> float | None:
    """Return the median in hours, what is open being longer than any; None where it is open."""
    if not recoveries:
        return None
    ordered = sorted(recoveries, key=lambda r: (r is None, r or timedelta(0)))
    middle = ordered[(len(ordered) - 1) // 2 : len(ordered) // 2 + 1]
    ends = [recovery for recovery in middle if recovery is not None]
    return sum(ends, timedelta(0)) / len(middle) / HOUR if len(ends) == len(middle) else None
