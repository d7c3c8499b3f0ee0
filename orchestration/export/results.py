"""Results of checks as they are published: what may not be counted is not exported either."""

from collections import defaultdict
from typing import Any

import duckdb

RUN = "select run_id, as_of_at, code_version from dim_run"

# the latest whole week of each source, as the quality page reads it
INSTRUMENTS = """
    with whole as (
        select checks.*, max(week_start_date) over (partition by source_id) as latest_week
        from fct_instrument_checks as checks
        cross join dim_run
        where week_start_date + 7 <= dim_run.as_of_at
    )
    select source_id, event_type, week_start_date, check_name, severity, statistic, n, expected,
           note
    from whole
    where week_start_date = latest_week
    order by source_id, check_id, event_type
"""


def check_results(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Return the run and, by dataset, the results of its checks.

    `connection` is to the published marts; suppressed counts are NULL there and left out here.
    """
    cursor = connection.execute(RUN)
    names = [column[0] for column in cursor.description]
    run = dict(zip(names, cursor.fetchall()[0], strict=True))
    datasets: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (
        source,
        event_type,
        week,
        check,
        severity,
        statistic,
        n,
        expected,
        note,
    ) in connection.execute(INSTRUMENTS).fetchall():
        params = {"event_type": event_type, "week_start_date": str(week), "n": n}
        datasets[f"source/{source}"].append(
            {
                "name": check,
                "severity": severity,
                "actual": statistic,
                "expected": expected,
                "description": note,
                "params": {key: value for key, value in params.items() if value is not None},
            }
        )
    return run, dict(datasets)
