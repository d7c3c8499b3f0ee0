"""The published marts in the place of a warehouse that another process holds."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.registry.validate import read_table
from orchestration.workspace import Workspace

DERIVED = ("metric_id", "derived_metric_ids", "derived_operator")

# what only the warehouse holds is empty: `Number` says of it that it can't be told
STAND_INS = """
    create schema metrics; create schema registry; create schema instruments;
    create view metrics.int_metric_lineage as
        select *, case when has_come then 1 else 0 end as event_count
        from marts.dim_metric_sources;
    create view metrics.int_product_metrics as
        select distinct product_id, metric_id from marts.dim_metric_sources;
    create table metrics.int_metric_least_people (metric_id varchar, is_of_people boolean);
    create table registry.metrics (
        metric_id varchar, derived_metric_ids varchar, derived_operator varchar
    );
    create table metrics.int_metric_weeks (
        product_id varchar, metric_id varchar, week_start_date date, week_end_at timestamp,
        look_ahead_hours double
    );
    create table instruments.int_source_watermarks (source_id varchar, lateness_hours double);
"""


@contextmanager
def published_marts(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to the published marts under the names that the queries of `explain` use.

    A refresh replaces the file as a whole, so that it can be read while one runs. What metrics are
    derived from is told by the registry as it is now.
    """
    path = str(workspace.publish / "marts.duckdb").replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as marts (read_only)")
        connection.execute(STAND_INS)
        for row in read_table(workspace.seeds / "metrics.csv", "metrics")[0].rows:
            derived = [row.values[column] for column in DERIVED]
            connection.execute("insert into registry.metrics values (?, ?, ?)", derived)
        yield connection
