"""Weeks that can't tell whether what a check found is over, or whether it had begun."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import duckdb
import pandas as pd
from scipy import stats

from orchestration.defs.judge.trust_causes import CAUSES
from orchestration.reporting_zone import in_reporting_zone

LOST = 2
"""Severity from which a finding costs the verdict."""
OF_SHARES = (1, 2, 3, 4, 6, 7, 13, 15, 16, 20)
"""Checks whose statistic is a share of n: how likely a week is if the fault goes on is known."""
CONTRACT, MISSING_FINISH, VOLUME, SCHEMA, COLLAPSE, COVERAGE = 0, 5, 11, 12, 14, 17
UNRIPE_WEEKS = 8
"""For which missing finishes are carried on at most: starts that come are ripe by then."""
OF_WHOLE_WEEKS = (CONTRACT, VOLUME, COLLAPSE, COVERAGE)
"""Checks that don't judge a week under way."""
ON_EVIDENCE = (7, 8, 11, 12, 13, 14)
"""Checks that are held against the past and fail on what is sure: a fault may warn at first."""
LEAST_N = 10
"""Of checks that judge fewer events, but find only what is sure."""
UNLIKELY = 0.05
WEEK = timedelta(days=7)
SERIES = ["source_id", "event_type", "check_id"]
METRIC_SERIES = [*SERIES, "product_id", "metric_id"]
FOUND_IN = "found_in_week"
"""Of a finding that was carried on: the Monday of the week that it is of."""
FAILS_NEXT = "fails_next_week"
"""Of a warning that costs the verdict, for the same was sure in the week after."""
LEAST = "select check_id, coalesce(minimum_n, 0) from registry.check_thresholds"
UNDER_WAY = f"""
    select cast(date_trunc('week', local_at) as date)
    from (select {in_reporting_zone("as_of_at")} as local_at from registry.run_context)
    where local_at > date_trunc('week', local_at)
"""


def least_events(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    """Return from how many events on each check tells that nothing is wrong."""
    found = dict(connection.execute(LEAST).fetchall())
    return found | {CONTRACT: LEAST_N, SCHEMA: LEAST_N}


def week_under_way(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Return the Monday of the week that as-of lies in; None where it is the end of one."""
    found = connection.execute(UNDER_WAY).fetchall()
    return found[0][0] if found else None


def weeks_checked(rows: pd.DataFrame) -> dict[str, list[date]]:
    """Return the Mondays of weeks in which any check ran, by source and in order."""
    weeks: dict[str, set[date]] = defaultdict(set)
    for source_id, week in zip(rows["source_id"], _dates(rows["week_start_date"]), strict=True):
        weeks[source_id].add(week)
    return {source_id: sorted(found) for source_id, found in weeks.items()}


def with_doubts(
    rows: pd.DataFrame,
    least: Mapping[int, int],
    under_way: date | None,
    weeks: Mapping[str, list[date]],
) -> pd.DataFrame:
    """Carry what failed on to weeks after it that can't tell, and back to the one that warned.

    Args:
        rows: Results of checks by source, event type and Monday, and by metric where they have
            one; of metrics those that passed may be left out.
        least: Events from which on each check tells.
        under_way: Monday of the week that isn't over, if there is one.
        weeks: The Mondays of each source in which any check ran, in order.

    Returns:
        The rows and, for each week that can't tell whether a finding is over, the finding again
        with its severity (missing finishes warn) and figures, and with the Monday that it is of in
        FOUND_IN. For each week that warned of what failed in the next, of the checks ON_EVIDENCE
        and on the same side, the warning as a fail, with FAILS_NEXT. Both are None elsewhere.

    A week can't tell if, with those since the finding, it has too few events for the check, or
    isn't over, and as few faults are no less likely than UNLIKELY where the fault goes on; or if
    the check can't judge it yet. What was lost was lost in its own week, and is not carried on.
    """
    series = [name for name in METRIC_SERIES if name in rows]
    rows = rows.assign(
        **{FOUND_IN: None, FAILS_NEXT: None}, week_start_date=_dates(rows["week_start_date"])
    )
    has_failed = (rows["severity"] >= LOST) & ~rows["defect"].isin(CAUSES)
    failed = rows.loc[has_failed, series].drop_duplicates()
    of_failed = rows.merge(failed, on=series)
    ranked = of_failed.sort_values("severity", kind="stable")
    worst = ranked.drop_duplicates([*series, "week_start_date"], keep="last")
    came = rows[(rows["week_start_date"] == under_way) & (rows["n"] > 0)]
    have_come = set(zip(came["source_id"], came["event_type"], strict=True))
    doubts: list[dict] = []
    for key, found in worst.groupby(series, sort=True):
        source_id, event_type, check_id = key[:3]
        by_week = {row["week_start_date"]: row for row in found.to_dict("records")}
        is_back = check_id == COVERAGE and (source_id, event_type) in have_come
        last = None if is_back else under_way
        doubts += _doubts(by_week, weeks.get(source_id, []), least.get(check_id, 0), last)
        doubts += _begun(by_week) if check_id in ON_EVIDENCE else []
    return pd.concat([rows, pd.DataFrame(doubts)], ignore_index=True) if doubts else rows


def _doubts(
    found: Mapping[date, dict], weeks: list[date], least: int, under_way: date | None
) -> Iterator[dict]:
    """Yield what weeks of one series are doubted for; `found` has its worst result of each week."""
    latest = max(found)
    failure: dict | None = None
    count, faults = 0.0, 0.0
    for week in weeks:
        row = found.get(week)
        if row is not None and row["severity"] >= LOST and row["defect"] not in CAUSES:
            failure, count, faults = row, 0.0, 0.0
        elif failure is not None and row is not None:
            n, share = (row[name] if pd.notna(row[name]) else 0 for name in ("n", "statistic"))
            count, faults = count + n, faults + n * share
            if _tells(failure, count, faults, least, week == under_way):
                failure = None
            else:
                yield _carried(failure, week)
        elif failure is not None and _awaits(failure, week, latest, under_way):
            yield _carried(failure, week)


def _begun(found: Mapping[date, dict]) -> Iterator[dict]:
    """Yield the warnings of one series on what was sure in the week after."""
    for week, row in found.items():
        after = found.get(week + WEEK)
        if row["severity"] != LOST - 1 or after is None or after["severity"] < LOST:
            continue
        if _side(row) == _side(after):
            yield row | {"severity": LOST, FAILS_NEXT: True}


def _side(row: dict) -> tuple:
    """Return what is off and in which direction, as far as the check tells."""
    words = row["finding"].split() if isinstance(row.get("finding"), str) else []
    is_few = row["check_id"] == VOLUME and row["n"] < row["expected"]
    return row["defect"], is_few, words[:1], "larger" in words


def _tells(failure: dict, count: float, faults: float, least: int, is_under_way: bool) -> bool:
    """Whether the events since a finding tell that it is over."""
    if failure["check_id"] not in OF_SHARES:
        return count >= least
    if count >= least and not is_under_way:
        return True
    share = min(failure["statistic"], 1.0)
    return bool(stats.binom.cdf(round(faults), round(count), share) < UNLIKELY)


def _awaits(failure: dict, week: date, latest: date, under_way: date | None) -> bool:
    """Whether a week has no result because the check can't judge it yet."""
    if failure["check_id"] == MISSING_FINISH:
        return latest < week <= latest + UNRIPE_WEEKS * WEEK
    is_next = failure["week_start_date"] + WEEK == week == under_way
    return is_next and failure["check_id"] in OF_WHOLE_WEEKS


def _carried(failure: dict, week: date) -> dict:
    """Return a finding for a later week; missing finishes warn there, for many weeks may wait."""
    severity = LOST - 1 if failure["check_id"] == MISSING_FINISH else failure["severity"]
    of_week = {"week_start_date": week, "severity": severity}
    return failure | of_week | {FOUND_IN: failure["week_start_date"]}


def _dates(weeks: pd.Series) -> pd.Series:
    return pd.to_datetime(weeks).dt.date
