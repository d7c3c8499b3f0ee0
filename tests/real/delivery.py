"""The delivery measures of GOV.UK's apps in plain Python, from the definitions and the raw files.

It shares no code with the product: csv in, dictionaries out, times as aware instants.
"""

import csv
import gzip
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
FOLDER = "govuk_deploys"


@dataclass
class Arrival:
    """A tag that replaced another one in production."""

    at: datetime
    tag: str
    replaced: str
    is_remediation: bool
    mended_at: datetime | None = None


@dataclass
class Quarter:
    """What one app did in one quarter."""

    arrivals: list[Arrival] = field(default_factory=list)
    lead_hours: list[float] = field(default_factory=list)
    evidence: list[bool] = field(default_factory=list)
    """Roll-backs; whether a deployment was found for each."""

    def measures(self) -> dict[str, float | None]:
        """Return counts, rates and medians under the names of the served table."""
        counted = [arrival for arrival in self.arrivals if not arrival.is_remediation]
        mended = [(a.mended_at - a.at) / timedelta(hours=1) for a in counted if a.mended_at]
        return {
            "deployment_count": len(counted),
            "remediation_count": len(self.arrivals) - len(counted),
            "change_count": len(self.lead_hours),
            "median_lead_time_hours": _median(self.lead_hours),
            "failed_count": len(mended),
            "change_fail_rate": len(mended) / len(counted) if counted else None,
            "median_recovery_hours": _median(mended),
            "evidence_count": len(self.evidence),
            "unattributed_share": (
                self.evidence.count(False) / len(self.evidence) if self.evidence else None
            ),
        }


def quarters_of(data: Path, app: str) -> dict[date, Quarter]:
    """Return the app's quarters in which anything happened, by their first Monday."""
    arrivals = _arrivals(data, app)
    quarters: dict[date, Quarter] = defaultdict(Quarter)
    for arrival in arrivals:
        quarters[_quarter(arrival.at)].arrivals.append(arrival)
        if arrival.is_remediation:
            # a roll-back says that the version which it takes away had failed
            failed = [
                a
                for a in arrivals
                if a.tag == arrival.replaced and not a.is_remediation and a.at <= arrival.at
            ]
            quarters[_quarter(arrival.at)].evidence.append(bool(failed))
            for deployment in failed[-1:]:
                earlier = deployment.mended_at or arrival.at
                deployment.mended_at = min(earlier, arrival.at)
    for at, lead_hours in _leads(data, app, arrivals):
        quarters[_quarter(at)].lead_hours.append(lead_hours)
    return quarters


def _arrivals(data: Path, app: str) -> list[Arrival]:
    rows = sorted(
        (datetime.fromisoformat(row["committed_at"]), row["sha"], row)
        for row in _rows(data / FOLDER / "image_tag_changes.csv.gz")
        if row["environment"] == "production" and row["app"] == app
        and row["old_image_tag"] and row["new_image_tag"]
        and row["old_image_tag"] != row["new_image_tag"]
    )  # fmt: skip
    seen: set[str] = set()
    arrivals = []
    for at, _, row in rows:
        seen.add(row["old_image_tag"])
        tag = row["new_image_tag"]
        arrivals.append(Arrival(at, tag, row["old_image_tag"], is_remediation=tag in seen))
        seen.add(tag)
    return arrivals


def _leads(data: Path, app: str, arrivals: list[Arrival]) -> list[tuple[datetime, float]]:
    """First arrival and hours from commit to it, for each change that is known to be new there."""
    first: dict[str, datetime] = {}
    for arrival in arrivals:
        first.setdefault(arrival.tag, arrival.at)
    folder = data / FOLDER / "app_git"
    commits = {r["sha"]: r for r in _rows(folder / f"alphagov__{app}__commits.csv.gz")}
    names = defaultdict(set, {sha: {sha} for sha in commits})
    for row in _rows(folder / f"alphagov__{app}__tags.csv.gz"):
        if row["commit_sha"] in commits:
            names[row["commit_sha"]].add(row["tag"])
    delivered = {name for sha in commits for name in names[sha] if name in first}
    own = {
        sha: min(found)
        for sha in commits
        if (found := [first[name] for name in names[sha] if name in first])
    }
    by_landing = sorted(
        ((datetime.fromisoformat(r["landed_at"]), sha) for sha, r in commits.items()
         if r["landed_at"]), reverse=True,
    )  # fmt: skip
    known = {a.at for a in arrivals if a.replaced in delivered}
    leads: list[tuple[datetime, float]] = []
    soonest: datetime | None = None
    for _, landed in groupby(by_landing, key=lambda pair: pair[0]):
        together = [sha for _, sha in landed]
        # an artefact holds everything that landed up to the change it was cut from
        soonest = min(filter(None, [soonest, *map(own.get, together)]), default=None)
        for sha in together:
            at = own.get(sha) or soonest
            if at in known:
                committed_at = datetime.fromisoformat(commits[sha]["committed_at"])
                leads.append((at, (at - committed_at) / timedelta(hours=1)))
    return leads


def _quarter(at: datetime) -> date:
    """First Monday of the quarter; a week belongs to the quarter of its Thursday."""
    local = at.astimezone(ZONE).date()
    thursday = local + timedelta(days=3 - local.weekday())
    first_day = date(thursday.year, 3 * ((thursday.month - 1) // 3) + 1, 1)
    # the week of the quarter's first Thursday
    first_thursday = first_day + timedelta(days=(3 - first_day.weekday()) % 7)
    return first_thursday - timedelta(days=3)


def _median(numbers: list[float]) -> float | None:
    return statistics.median(numbers) if numbers else None


def _rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
