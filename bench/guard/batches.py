"""Scenarios of one batch: written, run once through the production steps, what came out read."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from bench.guard import baseline, pipeline
from bench.guard.defects import DEFECTS
from bench.guard.events import FIRST_MONDAY, write
from bench.guard.registry import write_registry
from bench.guard.scenario import clean
from orchestration.workspace import Workspace

CLEAN = "clean"
KEPT = ("findings", "values", "alarms", "sizes")

QUERIES = {
    "findings": """
        select source_id, event_type, date_diff('day', $monday, week_start_date) // 7 as week,
            check_id, severity, statistic, n, p_value, expected
        from guard.instrument_checks where severity > 0
        union all
        select source_id, event_type, date_diff('day', $monday, week_start_date) // 7 as week,
            0 as check_id, max(severity), max(broken_count / event_count), max(event_count), null,
            null
        from guard.contract_checks
        -- of these a grade is made beside the checks of the method
        where severity >= 2 and clause in ('property_type', 'time', 'known_product')
        group by all
        order by all
    """,
    "values": """
        select product_id, split_part(metric_id, '.', 1) as metric_id,
            date_diff('day', $monday, period_start_date) // 7 as week,
            shown.value, shown.ci_low, shown.ci_high, trust_grade, shown.no_value_reason,
            -- before what is withheld is taken away: tells whether it was wrong
            periods.value as measured
        from marts.fct_metric_values as shown
        left join metrics.int_metric_periods as periods
            using (
                product_id, metric_id, segment_type, segment_value, period_grain, period_start_date
            )
        where period_grain = 'week' and segment_type = 'all'
            and not regexp_matches(metric_id, '_(median|finished_mean|finished_p90)$')
        order by product_id, metric_id, week
    """,
}


class Case(NamedTuple):
    """One scenario: a seed, and what is wrong with it."""

    defect: str
    severity: str
    seed: int

    @property
    def product_id(self) -> str:
        """Name of its product, which its sources begin with."""
        return f"{self.defect}.{self.severity}.{self.seed}"

    def events(self) -> pd.DataFrame:
        """Return its events."""
        frame = clean(self.product_id, self.seed)
        if self.defect == CLEAN:
            return frame
        return DEFECTS[self.defect].broken(frame, self.seed, self.severity)


def clean_case(seed: int) -> Case:
    """Return the scenario of a seed with nothing wrong."""
    return Case(CLEAN, "none", seed)


def run_batch(
    cases: Sequence[Case],
    home: Path,
    as_of_at: datetime | None = None,
    has_values: bool = True,
) -> dict[str, pd.DataFrame]:
    """Write the cases into a workspace of their own, run it, and return what came out.

    Args:
        cases: What to run at once.
        home: Folder of the workspace; what an earlier batch left there is removed.
        as_of_at: Naive UTC; None takes the refresh after the last week.
        has_values: False leaves the metrics out, which is enough to see what is found.

    Returns:
        Tables by the names in `KEPT`, weeks counted from the first; without values, no `values`.
        `sizes` are the events of each product.
    """
    workspace = Workspace(home)
    pipeline.clear(workspace)
    alarms, sizes = [], []
    for case in cases:
        frame = case.events()
        write(frame, case.product_id, _landing_file(workspace, case))
        alarms.append(baseline.alarms(frame))
        sizes.append((case.product_id, len(frame)))
    write_registry(workspace.seeds, [case.product_id for case in cases])
    print(f"  {len(cases)} scenarios: {pipeline.run(workspace, as_of_at, has_values)}", flush=True)
    found = outcome(workspace, ("findings", "values") if has_values else ("findings",))
    return {
        **found,
        "alarms": pd.concat(alarms, ignore_index=True),
        "sizes": pd.DataFrame(sizes, columns=["product_id", "event_count"]),
    }


def outcome(workspace: Workspace, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return what the last run of a workspace found and published."""
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        monday = {"monday": FIRST_MONDAY.date()}
        return {name: connection.execute(QUERIES[name], monday).df() for name in names}


def _landing_file(workspace: Workspace, case: Case) -> Path:
    return workspace.landing / "cloudevents" / case.product_id / "events.parquet"
