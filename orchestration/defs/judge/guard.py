"""Judge the statistics of all instruments: `guard.instrument_checks`, `guard.metric_checks`."""

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pandas as pd

from expectations.run import ROW_ID, run_suite
from expectations.suites import instruments as suites
from expectations.suites.instruments import Threshold
from orchestration.defs.judge import instrument_history as history
from orchestration.defs.judge import instrument_pvalues as pvalues
from orchestration.defs.judge.contributions import MINOR_SHARE
from orchestration.defs.judge.instrument_readings import REQUIRED, UNREADABLE, read_statistics
from orchestration.defs.judge.instrument_repeats import repeated_shares, repeats_over_past
from orchestration.defs.judge.instrument_scale import SCALE
from orchestration.defs.judge.trust_causes import TAKEN_AWAY
from orchestration.engine import connect

COLUMNS = {
    "source_id": "varchar",
    "event_type": "varchar",
    "week_start_date": "date",
    "check_id": "integer",
    "check_name": "varchar",
    "severity": "integer",
    "statistic": "double",
    "n": "bigint",
    "p_value": "double",
    "expected": "double",
    "evidence": "varchar",
    "defect": "varchar",
    "finding": "varchar",
    "note": "varchar",
    "threshold_version": "integer",
}
METRIC = {"product_id": "varchar", "metric_id": "varchar"}
METRIC_COLUMNS = METRIC | {
    name: kind for name, kind in COLUMNS.items() if name not in ("check_name", "evidence", "note")
}
"""Of the checks that look at one metric's values; elsewhere the metric is NULL."""
THRESHOLDS = """
select
    check_id, check_name, warn, fail, block, coalesce(minimum_n, 0) as minimum_n,
    coalesce(sure_p, 0.001) as sure_p, least_effect, coalesce(version, 1) as version, defect, note
from registry.check_thresholds order by check_id
"""
PARAMETERS = "select check_id, parameter, value from registry.check_parameters order by all"
Prepare = Callable[[pd.DataFrame, Threshold], pd.DataFrame]
"""Adds to statistics what the suite of a check judges."""
JUDGED = [*COLUMNS, "aspect", *METRIC]
KEY = ["source_id", "event_type", "week_start_date", "check_id"]


@dataclass(frozen=True)
class Check:
    """How a check is judged: what is added to its statistics, and the suite over that."""

    prepare: Prepare
    suite: Callable[[Threshold], suites.gx.ExpectationSuite]
    aspect: str | None = None
    """Of a check that looks at several things: the one that is judged so; None: all."""
    defect: str | None = None
    """What this aspect finds, where the threshold's row names another."""


def _as_read(rows: pd.DataFrame, _: Threshold) -> pd.DataFrame:
    """Return rows that were held against their past when they were read."""
    return rows


def _none_expected(rows: pd.DataFrame, _: Threshold) -> pd.DataFrame:
    """Return such rows of a check for which any is one too many."""
    return rows.assign(expected=0.0)


def _tolerating(prepare: Prepare) -> Prepare:
    """Say what is expected of shares that are held against no past: the tolerated share."""

    def prepared(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
        share = pvalues.tolerated_share(threshold.warn, threshold.fail)
        # a check that warns at any and never fails tolerates none
        return prepare(rows, threshold).assign(expected=0.0 if math.isnan(share) else share)

    return prepared


def of_lost(threshold: Threshold) -> Threshold:
    """Return the limits for lines that are lost: any warns, and evidence replaces a least n.

    A line that can't be read, or was taken away, is seen to be lost: there is no chance in it that
    a number of lines would have to rule out. Whether more than the tolerated share is lost, p tells
    at any n.
    """
    return replace(threshold, warn=0.0, minimum_n=1)


SHARE = Check(
    _tolerating(lambda rows, t: pvalues.shares(rows, t.warn, t.fail, t.minimum_n, t.sure_p)),
    suites.share_suite,
)
AGAINST_EXPECTED = Check(
    lambda rows, t: pvalues.against_expected(rows, t.minimum_n), suites.ratio_suite
)
REPEATED = "events repeated under new ids"
LOST = Check(
    lambda rows, t: SHARE.prepare(rows, of_lost(t)), lambda t: suites.share_suite(of_lost(t))
)


def _gone(rows: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Hold what was taken away against the limits by its share alone, from MINOR_SHARE on.

    That one of two is gone is no sample of anything: what the week had is known.
    """
    judged = LOST.prepare(rows, threshold)
    share = rows["statistic"]
    return judged.assign(sure_share=judged["sure_share"].where(share < MINOR_SHARE, share))


UNREAD = replace(LOST, aspect=UNREADABLE, defect="lines that can't be read")
AGAINST_PAST = Check(history.excess_over_past, suites.share_suite)
CHECKS = {
    1: (SHARE,),
    2: (
        SHARE,
        Check(_tolerating(repeated_shares), suites.share_suite, "new ids", REPEATED),
        # two of a kind may happen within a second: more of them than there always were
        Check(repeats_over_past, suites.share_suite, "new ids to the second", REPEATED),
    ),
    3: (SHARE,),
    4: (SHARE,),
    5: (
        Check(
            lambda rows, t: pvalues.missing_finishes(rows, t.fail, t.minimum_n, t.sure_p),
            suites.missing_finish_suite,
        ),
    ),
    6: (SHARE,),
    7: (AGAINST_PAST,),
    8: (Check(history.heaping, suites.share_suite),),
    9: (Check(lambda rows, t: pvalues.clock_skews(rows, t.minimum_n), suites.clock_skew_suite),),
    10: (AGAINST_EXPECTED,),
    11: (
        replace(AGAINST_EXPECTED, suite=suites.silence_suite, aspect="silence"),
        Check(_as_read, suites.volume_suite, "volume", "too few or too many events"),
    ),
    12: (
        # what warns is a share as well, and what is tolerated a tenth of it
        Check(
            lambda rows, t: SHARE.prepare(rows, replace(t, warn=math.nan)),
            suites.share_suite,
            REQUIRED,
            "properties or attributes missing or of another type",
        ),
        Check(_none_expected, suites.scale_suite, SCALE, "amounts in another unit than before"),
        Check(_none_expected, suites.news_suite, "new property", "a property that no plan names"),
        UNREAD,
    ),
    13: (AGAINST_PAST,),
    14: (Check(_as_read, suites.share_suite),),
    15: (
        Check(
            _tolerating(
                lambda rows, t: pvalues.accounts(rows, t.warn, t.fail, t.minimum_n, t.sure_p)
            ),
            suites.accounts_suite,
        ),
        Check(
            history.shared_accounts,
            suites.share_suite,
            "shared",
            "an account that many people share",
        ),
    ),
    16: (SHARE,),
    17: (Check(_as_read, suites.coverage_suite),),
    18: (SHARE,),
    19: (Check(_as_read, suites.share_suite),),
    20: (SHARE, replace(LOST, prepare=_gone, aspect="gone", defect=TAKEN_AWAY)),
}
"""The checks of method 7 that are run, by their number there."""


def judge_instruments(database: Path) -> None:
    """Judge `instruments.int_instrument_statistics` and replace the tables of what was found.

    `guard.instrument_checks` has one row per source, event type, week and check that the registry's
    `check_thresholds` names, `guard.metric_checks` one per product, metric, week and check of those
    that look at one metric's values: of several metrics on the same events only the worst is in the
    former. Raises ExpectationError where an expectation couldn't be evaluated.
    """
    with connect(database) as connection:
        parameters: dict[int, dict[str, float]] = defaultdict(dict)
        for check_id, name, value in connection.execute(PARAMETERS).fetchall():
            parameters[check_id][name] = value
        thresholds = [
            Threshold(
                **{str(key): value for key, value in row.items()},
                parameters=parameters[row["check_id"]],
            )
            for row in connection.execute(THRESHOLDS).df().to_dict("records")
        ]
        statistics = read_statistics(connection, {t.check_id: t for t in thresholds})
        rows = judged_aspects(statistics, thresholds)
        connection.execute("create schema if not exists guard")
        _write(connection, "instrument_checks", COLUMNS, _worst(rows))
        of_metrics = rows[rows["metric_id"].notna()]
        _write(connection, "metric_checks", METRIC_COLUMNS, of_metrics)


def _write(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: pd.DataFrame
) -> None:
    typed = ", ".join(f"{column}::{kind} as {column}" for column, kind in columns.items())
    connection.register("judged_rows", rows)
    connection.execute(
        f"create or replace table guard.{name} as select {typed} from judged_rows "
        "order by source_id, week_start_date, event_type, check_id"
        + (", product_id, metric_id" if "metric_id" in columns else "")
    )
    connection.unregister("judged_rows")


def judged(statistics: pd.DataFrame, thresholds: list[Threshold]) -> pd.DataFrame:
    """Return one row per source, type, week and check that is run, with its severity.

    Args:
        statistics: Rows of `read_statistics`.
        thresholds: Rows of the registry's `check_thresholds`.

    Returns:
        The columns of `guard.instrument_checks`. A check without statistics has no rows.
    """
    return _worst(judged_aspects(statistics, thresholds))[list(COLUMNS)]


def judged_aspects(statistics: pd.DataFrame, thresholds: list[Threshold]) -> pd.DataFrame:
    """Return the rows of `judged` before the worst aspect is chosen.

    With `aspect`, and `product_id` and `metric_id` where one metric was looked at, NULL elsewhere.
    """
    parts = []
    for threshold in thresholds:
        of_check = statistics[statistics["check_id"] == threshold.check_id]
        for check in CHECKS.get(threshold.check_id, ()):
            rows = _of_aspect(of_check, check, threshold).reset_index(drop=True)
            if not rows.empty:
                parts.append(_judged_check(rows, check, threshold))
    if not parts:
        return pd.DataFrame(columns=JUDGED, dtype=object)
    return pd.concat(parts, ignore_index=True)


def _of_aspect(rows: pd.DataFrame, check: Check, threshold: Threshold) -> pd.DataFrame:
    """Return the rows that are judged so; beside named aspects, None is the check's own one."""
    if check.aspect is not None:
        return rows[rows["aspect"].eq(check.aspect)]
    named = [other.aspect for other in CHECKS[threshold.check_id] if other.aspect]
    return rows[~rows["aspect"].isin(named)]


def _judged_check(rows: pd.DataFrame, check: Check, threshold: Threshold) -> pd.DataFrame:
    """Return the rows of one check; each has the worst severity that one of its findings has."""
    rows = check.prepare(rows, threshold)
    rows[ROW_ID] = range(len(rows))
    severity = pd.Series(0, index=rows[ROW_ID])
    for finding in run_suite(check.suite(threshold), rows):
        found = list(finding.row_ids)
        severity[found] = severity[found].clip(lower=finding.severity)
    return (
        rows.assign(
            check_name=threshold.check_name,
            severity=severity.to_numpy(),
            defect=check.defect or threshold.defect,
            note=threshold.note,
            threshold_version=threshold.version,
            finding=rows["finding"].where(severity.to_numpy() > 0) if "finding" in rows else None,
        )
        .reindex(columns=JUDGED)
        .astype(dict.fromkeys(METRIC, object))
    )


def _worst(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the worst aspect of each source, type, week and check; of equals the least p."""
    if not rows.duplicated(KEY).any():
        return rows
    ranked = rows.assign(mildness=-rows["severity"])
    ranked = ranked.sort_values([*KEY, "mildness", "p_value", "aspect"], kind="stable")
    return ranked.drop_duplicates(KEY).sort_index()
