"""Results of checks as they are published: what may not be counted is not exported either."""

from collections import defaultdict
from typing import Any

import duckdb

from orchestration.reporting_zone import in_reporting_zone

RUN = "select run_id, as_of_at, code_version from dim_run"

# the latest whole week of each source, as the quality page reads it
INSTRUMENTS = f"""
    with whole as (
        select checks.*, max(week_start_date) over (partition by source_id) as latest_week
        from fct_instrument_checks as checks
        cross join dim_run
        where week_start_date + 7 <= {in_reporting_zone("dim_run.as_of_at")}
    )
    select source_id, event_type, week_start_date, check_name, severity, statistic, n, expected,
           note
    from whole
    where week_start_date = latest_week
    order by source_id, check_id, event_type
"""


CONTRACTS = """
    select dataset, event_type, expectation, column_name, severity, week_start_date,
           element_count, broken_count, note
    from fct_contract_checks
    order by dataset, event_type, expectation
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
        datasets[f"source/{source}"].append(
            {
                "name": check,
                "severity": severity,
                "actual": statistic,
                "expected": expected,
                "description": note,
                "params": _given(event_type=event_type, week_start_date=str(week), n=n),
            }
        )
    for (
        dataset,
        event_type,
        expectation,
        column,
        severity,
        week,
        elements,
        broken,
        note,
    ) in connection.execute(CONTRACTS).fetchall():
        datasets[dataset].append(
            {
                "name": expectation,
                "severity": severity,
                "column": column,
                "description": note,
                "params": _given(
                    event_type=None if event_type == "*" else event_type,
                    week_start_date=None if week is None else str(week),
                    element_count=elements,
                    broken_count=broken,
                ),
            }
        )
    return run, dict(sorted(datasets.items()))


def _given(**values: Any) -> dict[str, Any]:
    """Return what there is; what is hidden or doesn't apply is left out."""
    return {key: value for key, value in values.items() if value is not None}
