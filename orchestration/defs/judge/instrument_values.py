"""Checks 14 and 19, on metric values before anything is withheld: denominators, and mixtures."""

import json

import duckdb
import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_history import REST_WEEKS
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS, volume_p
from orchestration.method.volumes import LEAST_HISTORY

DENOMINATOR, MIXTURE = 14, 19
LATEST = 8
"""Weeks whose median a denominator is held against."""
ALTERNATING, HUGGING = 14, 15
"""Values in a row that alternate, or lie within one sigma of the centre."""
BASELINE = 16
"""Values before them that give the centre and sigma: limits of the check's own."""
MOVING_RANGE = 1.128379
STEADY = 0.4
"""Deviation over mean above which a denominator swings too much by itself to collapse visibly."""
VALUES = """
select
    raw.product_id, raw.metric_id, raw.period_start_date as week_start_date, raw.kind,
    raw.denominator, raw.raw_value, raw.is_ripe
from metrics.int_values_raw as raw
where raw.period_grain = 'week'
order by raw.product_id, raw.metric_id, raw.period_start_date
"""
LINEAGE = """
select lineage.product_id, lineage.metric_id, lineage.side, lineage.source_id, lineage.event_type,
    cast(
        marks.observed_until_at
        - to_microseconds(cast(
            greatest(marks.lateness_hours, coalesce(declared.lateness_hours, 0)) * 3600e6 as bigint
        )) as date
    ) as complete_until_date
from metrics.int_metric_lineage as lineage
inner join instruments.int_source_watermarks as marks using (source_id)
inner join registry.sources as declared using (source_id)
where lineage.event_count > 0
qualify row_number() over (
    partition by lineage.product_id, lineage.metric_id, lineage.side = 'denominator'
    order by lineage.event_count desc, lineage.source_id, lineage.event_type
) = 1
"""
"""The source and type that send most of a metric's denominator, and of its other side."""
COUNTED = ("proportion", "count_rate", "ratio_of_sums")
Values = np.ndarray


def read_values(connection: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weekly values of all metrics, and which events each of their sides rests on."""
    return connection.execute(VALUES).df(), connection.execute(LINEAGE).df()


def denominators(values: pd.DataFrame, lineage: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return check 14's rows, by the source and type that send most of a denominator.

    `statistic` is the denominator over the median of the LATEST weeks before it, `p_value` the
    chance of so few after the past weeks. `share` is what is lost of the median where p is below
    0.01, and `sure_share` where it is below the threshold's sure p; 0 where nearly as few came
    before or the past isn't STEADY, for sums come in lumps. Weeks with a loss are no part of the
    past until REST_WEEKS of them come in a row. Source: method 7, check 14.
    """
    of_side = lineage[lineage["side"] == "denominator"]
    rows = values[values["kind"].isin(COUNTED)].merge(of_side, on=["product_id", "metric_id"])
    rows = rows[_is_complete(rows)]
    parts = [
        _losses(series.reset_index(drop=True), threshold)
        for _, series in rows.groupby(["product_id", "metric_id"], sort=True)
    ]
    if not parts:
        return pd.DataFrame()
    found = pd.concat(parts, ignore_index=True)
    sure = found["p_value"] < threshold.sure_p
    return found.assign(
        check_id=DENOMINATOR,
        share=found["lost"].where(found["p_value"] < 0.01),
        sure_share=found["lost"].where(sure),
    )


def _losses(series: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return the judged weeks of one metric's denominator."""
    past: list[float] = []
    odd: list[float] = []
    judged = []
    for now in series["denominator"].fillna(0):
        history = np.array(past[-PAST_WEEKS:])
        if len(history) < LEAST_HISTORY or not np.median(history[-LATEST:]):
            judged.append((np.nan, np.nan, np.nan, np.nan))
            past.append(now)
            continue
        median = float(np.median(history[-LATEST:]))
        # sums of minutes scatter far more than counts: the negative binomial takes their variance
        p_value = collapse_p(now, history)
        lost = 1 - now / median
        is_steady = history.std(ddof=1) <= STEADY * history.mean()
        is_loss = (
            is_steady and lost > threshold.warn and now < (1 - threshold.warn / 2) * history.min()
        )
        judged.append((median, now / median, p_value, lost if is_loss else 0.0))
        if is_loss and p_value < 0.01:
            odd.append(now)
            if len(odd) == REST_WEEKS:
                past, odd = odd, []
        else:
            past.append(now)
            odd = []
    columns = pd.DataFrame(judged, columns=["expected", "statistic", "p_value", "lost"])
    rows = pd.concat([series, columns], axis=1).dropna(subset="statistic")
    return rows.assign(
        n=rows["denominator"].fillna(0).round().astype("int64"),
        **_named(rows),
    )


def collapse_p(now: float, history: Values) -> float:
    """Return the chance of at most `now` after the counts of `history`. Source: method 7.1."""
    _, two_sided = volume_p(np.array([np.floor(now)]), history[None, :])
    return float(two_sided[0]) / 2 if now < history.mean() else 1.0


def mixtures(values: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Return check 19's rows, by the source and type that send most of a metric's numerator.

    `statistic` is the longest run up to the week that alternates or hugs the centre, over the
    length at which it warns; `share` is the same. The centre and sigma are of the BASELINE values
    before the run. Source: method 7, check 19, and 1.2.
    """
    of_side = lineage[lineage["side"] != "denominator"]
    rows = values[values["is_ripe"] & values["raw_value"].notna()]
    rows = rows.merge(of_side, on=["product_id", "metric_id"])
    rows = rows[_is_complete(rows)]
    parts = []
    for _, series in rows.groupby(["product_id", "metric_id"], sort=True):
        series = series.reset_index(drop=True)
        runs = np.maximum(
            alternating_runs(series["raw_value"].to_numpy(float)) / ALTERNATING,
            hugging_runs(series["raw_value"].to_numpy(float)) / HUGGING,
        )
        judged = series.assign(n=np.arange(1, len(series) + 1), statistic=runs, **_named(series))
        parts.append(judged[judged["n"] >= ALTERNATING])
    if not parts:
        return pd.DataFrame()
    found = pd.concat(parts, ignore_index=True)
    is_run = found["statistic"].to_numpy() >= 1
    return found.assign(
        check_id=MIXTURE,
        expected=1.0,
        p_value=np.nan,
        share=np.where(is_run, 1.0, 0.0),
        sure_share=np.nan,
    )


def alternating_runs(values: Values) -> Values:
    """Return at each value how many up to it go up and down in turn."""
    runs = np.ones(len(values))
    steps = np.sign(np.diff(values))
    for position in range(1, len(values)):
        if steps[position - 1] == 0:
            continue
        turns = position > 1 and steps[position - 1] == -steps[position - 2]
        runs[position] = runs[position - 1] + 1 if turns else 2
    return runs


def hugging_runs(values: Values) -> Values:
    """Return at each value HUGGING if that many up to it lie within one sigma, else 0.

    Centre and sigma are those of the BASELINE values before these, by mean moving range; sigma is
    not more than that of the run itself, or every metric that has become calmer would hug.
    """
    runs = np.zeros(len(values))
    for position in range(BASELINE + HUGGING - 1, len(values)):
        first = position - HUGGING + 1
        baseline = values[first - BASELINE : first]
        sigma = np.abs(np.diff(baseline)).mean() / MOVING_RANGE
        run = values[first : position + 1]
        sigma = min(sigma, np.abs(np.diff(run)).mean() / MOVING_RANGE)
        runs[position] = HUGGING * (np.abs(run - baseline.mean()) < sigma).all()
    return runs


def _is_complete(rows: pd.DataFrame) -> pd.Series:
    """Tell which weeks are over, late events included."""
    ends = pd.to_datetime(rows["week_start_date"]) + pd.Timedelta(days=7)
    return ends <= pd.to_datetime(rows["complete_until_date"])


def _named(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the aspect and the evidence of rows: the metric that it is about."""
    names = [f"{row.product_id}.{row.metric_id}" for row in rows.itertuples()]
    return {"aspect": names, "evidence": [json.dumps([name]) for name in names]}
