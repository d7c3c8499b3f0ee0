"""Which periods an increment computed anew: what Python judged of all others stays."""

import duckdb

PERIODS = "metrics.int_metric_periods_changed"
KEY = "product_id, metric_id, period_grain, period_start_date"
OF_PERIODS = f"({KEY}) in (select {KEY} from {PERIODS})"
"""Of rows by product, metric and period: whether their period was computed anew."""
WEEKS = f"""
    select week_start_date from metrics.int_metric_period_weeks where {OF_PERIODS}
    union
    select period_start_date from {PERIODS} where period_grain = 'week'
"""
"""Mondays of all weeks of such periods, whatever the product."""


def is_adding(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Tell whether this run adds to what is there, and an earlier one left `guard.<table>`."""
    (found,) = connection.execute(
        "select count(*) from duckdb_tables() where (schema_name, table_name) in "
        "(('built', 'run_plan'), ('guard', ?))",
        [table],
    ).fetchall()
    if found != (2,):
        return False
    return connection.execute("select is_increment from built.run_plan").fetchall() == [(True,)]
