"""How long a BI tool waits: typical questions to a published `marts.duckdb`, on a warm connection.

python -m bench.scale.latency MARTS.duckdb
"""

import random
import sys
import time
from pathlib import Path

import duckdb

QUERIES = {
    "one metric by week": """
        select period_start_date, value, ci_low, ci_high, trust_grade from fct_metric_values
        where product_id = $product and metric_id = $metric and period_grain = 'week'
            and segment_type = 'all'
        order by period_start_date
    """,
    "all metrics of a product": """
        select metric_id, max_by(value, period_start_date) as latest from fct_metric_values
        where product_id = $product and period_grain = 'week' and segment_type = 'all'
        group by metric_id order by metric_id
    """,
    "a metric over all products": """
        select period_start_date, sum(numerator) / nullif(sum(denominator), 0) as value
        from fct_metric_values
        where metric_id = $metric and period_grain = 'week' and segment_type = 'all'
        group by period_start_date order by period_start_date
    """,
    "scorecard": """
        select * from kpi_scorecard where is_latest order by product_id, kpi_id
    """,
    "verdicts of all weeks": """
        select product_id, kpi_id, week_start_date, verdict, trust_grade, lead_value
        from kpi_scorecard order by product_id, kpi_id, week_start_date
    """,
    # no question: on the sample 42,000 values, of which the client's own conversion takes half
    "scorecard as a whole": "select * from kpi_scorecard order by all",
    "latest findings": """
        select source_id, check_id, severity, n from fct_instrument_checks
        where severity > 0 order by week_start_date desc, source_id limit 50
    """,
}
REPEATS = 200


def latencies(marts: Path) -> list[tuple[str, float, float]]:
    """Return name, median and 95th percentile of each query, milliseconds, rows fetched."""
    rng = random.Random(1)
    with duckdb.connect(str(marts), read_only=True) as connection:
        keys = connection.execute(
            "select distinct product_id, metric_id from fct_metric_values order by all"
        ).fetchall()
        found = []
        for name, query in QUERIES.items():
            waited = []
            for _ in range(REPEATS):
                product_id, metric_id = rng.choice(keys)
                named = {"product": product_id, "metric": metric_id}
                asked = {key: value for key, value in named.items() if f"${key}" in query}
                began = time.perf_counter()
                connection.execute(query, asked).fetchall()
                waited.append(1000 * (time.perf_counter() - began))
            waited.sort()
            found.append((name, waited[REPEATS // 2], waited[REPEATS * 95 // 100]))
    return found


def show(marts: Path) -> None:
    """Print what `latencies` finds."""
    print(f"\nquestions to {marts.name}, {REPEATS} each\n  {'':<30}{'p50 ms':>9}{'p95 ms':>9}")
    for name, middle, tail in latencies(marts):
        print(f"  {name:<30}{middle:>9.1f}{tail:>9.1f}", flush=True)


if __name__ == "__main__":
    show(Path(sys.argv[1]))
