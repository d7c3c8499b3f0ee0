"""Check 19, on metric values before anything is withheld: mixtures; and what 14 reads of them."""

import json

import duckdb
import numpy as np
import pandas as pd

from orchestration.defs.judge.instrument_days import COMPLETE_UNTIL

MIXTURE = 19
ALTERNATING, HUGGING = 14, 15
"""Values in a row that alternate, or lie within one sigma of the centre."""
BASELINE = 16
"""Values before them that give the centre and sigma: limits of the check's own."""
MOVING_RANGE = 1.128379
VALUES = """
with closed as (
    select date_trunc('week', date) as week_start_date, count(distinct date) as day_count
    from registry.holidays
    where isodow(date) <= 5
    group by all
),
-- a rate of what is watched for a month is ripe later than the count of what is watched
settled as (
    select distinct
        raw.product_id,
        raw.period_start_date,
        unnest([metrics.numerator_measure_id, metrics.denominator_measure_id]) as measure_id
    from metrics.int_values_raw as raw
    inner join registry.metrics as metrics using (metric_id)
    where raw.period_grain = 'week' and raw.is_ripe and raw.kind <> 'stock'
)
select
    raw.product_id, raw.metric_id, raw.period_start_date as week_start_date, raw.kind,
    raw.denominator, raw.raw_value, raw.is_ripe, raw.unit_count,
    raw.is_ripe or (settled.measure_id is not null and raw.denominator is not null) as is_settled,
    1 - coalesce(closed.day_count, 0) / 5.0 as open_share,
    raw.kind = 'ratio_of_sums' and coalesce(measures.aggregate = 'sum', false) as is_of_amounts,
    coalesce(
        measures.aggregate in ('distinct_people', 'distinct_actors')
        or (
            raw.kind = 'ratio_of_sums' and measures.aggregate = 'sum'
            and measures.unit_key = 'actor'
        ),
        false
    ) as is_distinct
from metrics.int_values_raw as raw
left join registry.metrics as metrics using (metric_id)
left join registry.measures as measures
    on measures.measure_id = metrics.denominator_measure_id
left join closed on closed.week_start_date = raw.period_start_date
left join settled
    on settled.product_id = raw.product_id
    and settled.period_start_date = raw.period_start_date
    and settled.measure_id = metrics.denominator_measure_id
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
Values = np.ndarray


def read_values(connection: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the weekly values of all metrics, and which events each of their sides rests on."""
    return connection.execute(VALUES).df(), connection.execute(LINEAGE).df()


def mixtures(values: pd.DataFrame, lineage: pd.DataFrame) -> pd.DataFrame:
    """Return check 19's rows, by the source and type that send most of a metric's numerator.

    `statistic` is the longest run up to the week that alternates or hugs the centre, over the
    length at which it warns; `share` is the same. The centre and sigma are of the BASELINE values
    before the run. Source: method 7, check 19, and 1.2.
    """
    of_side = lineage[lineage["side"] != "denominator"]
    rows = values[values["is_ripe"] & values["raw_value"].notna()]
    rows = rows.merge(of_side, on=["product_id", "metric_id"])
    rows = rows[complete(rows)].sort_values(["product_id", "metric_id", "week_start_date"])
    rows = rows.reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame()
    series, _, (series_count, _) = places(rows)
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
        **named(rows),
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


def places(rows: pd.DataFrame) -> tuple[Values, Values, tuple[int, int]]:
    """Return the metric and the week of each row as positions, and how many there are of both."""
    series = rows.groupby(["product_id", "metric_id"]).ngroup().to_numpy()
    weeks, positions = np.unique(rows["week_start_date"].to_numpy(), return_inverse=True)
    return series, positions, (int(series.max()) + 1, len(weeks))


def complete(rows: pd.DataFrame) -> pd.Series:
    """Tell which weeks are over, late events included."""
    ends = pd.to_datetime(rows["week_start_date"]) + pd.Timedelta(days=7)
    return ends <= pd.to_datetime(rows["complete_until_date"])


def named(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the aspect and the evidence of rows: the metric that it is about."""
    names = rows["product_id"] + "." + rows["metric_id"]
    return {"aspect": names, "evidence": names.map(lambda name: json.dumps([name]))}
