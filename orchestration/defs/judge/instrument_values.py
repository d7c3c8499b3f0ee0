"""Checks 14 and 19, on metric values before anything is withheld: denominators, and mixtures."""

import json

import duckdb
import numpy as np
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_days import COMPLETE_UNTIL
from orchestration.defs.judge.instrument_history import COSTLY_WEEKS, REST_WEEKS
from orchestration.defs.judge.instrument_volumes import PAST_WEEKS, remember, volume_p
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
with closed as (
    select date_trunc('week', date) as week_start_date, count(distinct date) as day_count
    from registry.holidays
    where isodow(date) <= 5
    group by all
)
select
    raw.product_id, raw.metric_id, raw.period_start_date as week_start_date, raw.kind,
    raw.denominator, raw.raw_value, raw.is_ripe, raw.unit_count,
    1 - coalesce(closed.day_count, 0) / 5.0 as open_share,
    raw.kind = 'ratio_of_sums' and coalesce(measures.aggregate = 'sum', false) as is_of_amounts
from metrics.int_values_raw as raw
left join registry.metrics as metrics using (metric_id)
left join registry.measures as measures
    on measures.measure_id = metrics.denominator_measure_id
left join closed on closed.week_start_date = raw.period_start_date
where raw.period_grain = 'week'
order by raw.product_id, raw.metric_id, raw.period_start_date
"""
LINEAGE = f"""
select lineage.product_id, lineage.metric_id, lineage.side, lineage.source_id, lineage.event_type,
    cast({COMPLETE_UNTIL} as date) as complete_until_date
from metrics.int_metric_lineage as lineage
inner join instruments.int_source_watermarks as marks using (source_id)
inner join registry.sources as declared using (source_id)
cross join registry.run_context
where lineage.event_count > 0
qualify row_number() over (
    partition by lineage.product_id, lineage.metric_id, lineage.side = 'denominator'
    order by lineage.event_count desc, lineage.source_id, lineage.event_type
) = 1
"""
"""The source and type that send most of a metric's denominator, and of its other side."""
COUNTED = ("proportion", "count_rate", "ratio_of_sums")
AMOUNT, CONTRIBUTIONS = 0, 1
"""What a denominator adds up to, and how many independent things it is made of."""
Values = np.ndarray


def read_values(connection: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weekly values of all metrics, and which events each of their sides rests on."""
    return connection.execute(VALUES).df(), connection.execute(LINEAGE).df()


def denominators(values: pd.DataFrame, lineage: pd.DataFrame, threshold: Threshold) -> pd.DataFrame:
    """Return check 14's rows, by the source and type that send most of a denominator.

    `statistic` is the denominator over the median of the LATEST weeks before it, `p_value` the
    chance of so few contributions after the past weeks: a proportion's or a rate's denominator
    counts things, what a ratio of sums divides by adds up amounts of `unit_count` things that vary
    by themselves. `n` and `expected` are of contributions as well. `share` is what is lost of the
    median where p is below 0.01, and `sure_share` where it is below the threshold's sure p; what
    came in a week with holidays is put on five days, a week of holidays isn't judged; 0 where
    nearly as few came before or the past isn't STEADY, for sums come in lumps. Weeks with a loss
    are no part of the past until REST_WEEKS of them come in a row; after COSTLY_WEEKS in a row no
    loss is sure.
    Source: method 7, check 14, and 7.1.
    """
    of_side = lineage[lineage["side"] == "denominator"]
    rows = values[values["kind"].isin(COUNTED)].merge(of_side, on=["product_id", "metric_id"])
    rows = rows[_is_complete(rows)].reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame()
    series, positions, shape = _places(rows)
    amount = rows["denominator"].fillna(0)
    contributions = rows["unit_count"].where(rows["is_of_amounts"], amount).astype(float)
    open_share = rows["open_share"].where(rows["open_share"] > 0)
    sums = np.full((2, *shape), np.nan)
    sums[AMOUNT, series, positions] = amount / open_share
    sums[CONTRIBUTIONS, series, positions] = contributions / open_share
    median, p_value, lost, is_new = _losses(sums, threshold)
    chosen = (series, positions)
    found = rows.assign(
        check_id=DENOMINATOR,
        n=contributions.round().astype("int64"),
        expected=median[CONTRIBUTIONS][chosen],
        statistic=sums[AMOUNT][chosen] / median[AMOUNT][chosen],
        p_value=p_value[chosen],
        **_named(rows),
    )
    share = pd.Series(lost[chosen], index=rows.index)
    found = found.assign(
        share=share.where(found["p_value"] < 0.01),
        sure_share=share.where((found["p_value"] < threshold.sure_p) & is_new[chosen]),
    )
    return found[found["statistic"].notna()]


def _losses(sums: Values, threshold: Threshold) -> tuple[Values, Values, Values, Values]:
    """Return medians of the latest weeks, p, the share lost, and if it is new.

    `sums` and medians are of AMOUNT and CONTRIBUTIONS x metrics x weeks, the others of metrics x
    weeks. A sum scatters by the sizes of what it is made of, whose number tells what was lost.
    """
    count = sums.shape[1]
    past = np.full((count, len(sums), PAST_WEEKS), np.nan)
    odd_run = np.full((count, len(sums), REST_WEEKS), np.nan)
    odd_weeks = np.zeros(count, int)
    found = []
    for week in range(sums.shape[2]):
        now, history = sums[:, :, week], past[:, AMOUNT]
        is_known = (~np.isnan(history)).sum(axis=1) >= LEAST_HISTORY
        shown = np.where(is_known[:, None, None], past, 1)
        median = np.nanmedian(shown[:, :, -LATEST:], axis=2).T
        median = np.where(is_known & (median > 0), median, np.nan)
        p_value = collapse_p(np.nan_to_num(now[CONTRIBUTIONS]), past[:, CONTRIBUTIONS])
        lost = 1 - now[AMOUNT] / median[AMOUNT]
        shown = shown[:, AMOUNT]
        is_steady = np.nanstd(shown, axis=1, ddof=1) <= STEADY * np.nanmean(shown, axis=1)
        is_least = now[AMOUNT] < (1 - threshold.warn / 2) * np.nanmin(shown, axis=1)
        is_loss = is_steady & is_least & (lost > threshold.warn)
        found.append((median, p_value, np.where(is_loss, lost, 0), odd_weeks < COSTLY_WEEKS))
        is_odd = is_loss & (p_value < 0.01)
        past, odd_run, odd_weeks = remember(past, odd_run, odd_weeks, now.T, is_odd)
    median, p_value, lost, is_new = (np.stack(part, axis=-1) for part in zip(*found, strict=True))
    return median, p_value, lost, is_new


def collapse_p(now: Values, history: Values) -> Values:
    """Return the chance of at most `now` after the counts of `history`, along its last axis.

    Source: method 7.1.
    """
    mean, two_sided = volume_p(np.floor(now), history)
    return np.where(now < mean, two_sided / 2, 1.0)


def mixtures(values: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Return check 19's rows, by the source and type that send most of a metric's numerator.

    `statistic` is the longest run up to the week that alternates or hugs the centre, over the
    length at which it warns; `share` is the same. The centre and sigma are of the BASELINE values
    before the run. Source: method 7, check 19, and 1.2.
    """
    of_side = lineage[lineage["side"] != "denominator"]
    rows = values[values["is_ripe"] & values["raw_value"].notna()]
    rows = rows.merge(of_side, on=["product_id", "metric_id"])
    rows = rows[_is_complete(rows)].sort_values(["product_id", "metric_id", "week_start_date"])
    rows = rows.reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame()
    series, _, (series_count, _) = _places(rows)
    order = rows.groupby(series).cumcount().to_numpy()
    charts = np.full((series_count, order.max() + 1), np.nan)
    charts[series, order] = rows["raw_value"]
    runs = np.maximum(alternating_runs(charts) / ALTERNATING, hugging_runs(charts) / HUGGING)
    statistic = runs[series, order]
    found = rows.assign(
        check_id=MIXTURE,
        n=order + 1,
        statistic=statistic,
        expected=1.0,
        p_value=np.nan,
        share=np.where(statistic >= 1, 1.0, 0.0),
        sure_share=np.nan,
        **_named(rows),
    )
    return found[found["n"] >= ALTERNATING]


def alternating_runs(charts: Values) -> Values:
    """Return at each value how many up to it go up and down in turn; values along the last axis."""
    runs = np.ones(charts.shape)
    steps = np.sign(np.diff(charts, axis=-1))
    for position in range(1, charts.shape[-1]):
        step = steps[..., position - 1]
        turns = (position > 1) & (step == -steps[..., max(position - 2, 0)])
        longer = np.where(turns, runs[..., position - 1] + 1, 2)
        runs[..., position] = np.where(np.nan_to_num(step) == 0, 1, longer)
    return runs


def hugging_runs(charts: Values) -> Values:
    """Return at each value HUGGING if that many up to it lie within one sigma, else 0.

    Centre and sigma are those of the BASELINE values before these, by mean moving range; sigma is
    not more than that of the run itself, or every metric that has become calmer would hug.
    Values along the last axis.
    """
    runs = np.zeros(charts.shape)
    if charts.shape[-1] < BASELINE + HUGGING:
        return runs
    windows = np.lib.stride_tricks.sliding_window_view(charts, BASELINE + HUGGING, axis=-1)
    baseline, run = windows[..., :BASELINE], windows[..., BASELINE:]
    sigma = np.minimum(_sigma(baseline), _sigma(run))[..., None]
    is_close = (np.abs(run - baseline.mean(axis=-1)[..., None]) < sigma).all(axis=-1)
    runs[..., BASELINE + HUGGING - 1 :] = HUGGING * is_close
    return runs


def _sigma(values: Values) -> Values:
    return np.abs(np.diff(values, axis=-1)).mean(axis=-1) / MOVING_RANGE


def _places(rows: pd.DataFrame) -> tuple[Values, Values, tuple[int, int]]:
    """Return the metric and the week of each row as positions, and how many there are of both."""
    series = rows.groupby(["product_id", "metric_id"]).ngroup().to_numpy()
    weeks, positions = np.unique(rows["week_start_date"].to_numpy(), return_inverse=True)
    return series, positions, (int(series.max()) + 1, len(weeks))


def _is_complete(rows: pd.DataFrame) -> pd.Series:
    """Tell which weeks are over, late events included."""
    ends = pd.to_datetime(rows["week_start_date"]) + pd.Timedelta(days=7)
    return ends <= pd.to_datetime(rows["complete_until_date"])


def _named(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the aspect and the evidence of rows: the metric that it is about."""
    names = rows["product_id"] + "." + rows["metric_id"]
    return {"aspect": names, "evidence": names.map(lambda name: json.dumps([name]))}
