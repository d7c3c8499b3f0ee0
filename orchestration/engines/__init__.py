"""Where dbt's models run: DuckDB in the workspace's own file, or another engine beside it.

Registry, landing zone and the small tables that Python judges lie in the workspace's DuckDB file
whatever the engine is. An engine that keeps its tables elsewhere is given what the next layers
read before dbt runs, and what Python or a reader needs of them is taken back after it; so judging
and publishing are the same code on each.
"""

import os
from collections.abc import Sequence
from typing import Protocol

from orchestration.errors import UserError
from orchestration.workspace import Workspace

Table = tuple[str, str]
"""Schema and name."""

# schemas that a step's models read and that Python has written since the step before
GIVEN = {
    "intake": ("raw", "registry", "state"),
    "measure": (),
    "conclude": ("guard", "state"),
}
# state that models append to: it lies with the models, and the file has a copy
STATE_OF_MODELS = ("int_published_rosters", "int_segment_grains")
# what Python reads of each step's models, see `tests/engines/test_taken_tables.py`
TAKEN: dict[str, tuple[Table, ...]] = {
    "intake": (("intake", "int_events_lost"), ("intake", "int_intake_reconciliation")),
    "measure": (
        ("core", "int_events"),
        ("core", "int_interruptions"),
        ("core", "int_outages"),
        ("core", "int_task_horizons"),
        ("core", "int_tasks"),
        ("instruments", "int_contract_statistics"),
        ("instruments", "int_instrument_batches_repeated"),
        ("instruments", "int_instrument_days_counted"),
        ("instruments", "int_instrument_properties_sent"),
        ("instruments", "int_instrument_quantities_counted"),
        ("instruments", "int_instrument_statistics"),
        ("instruments", "int_source_watermarks"),
        ("metrics", "int_cells"),
        ("metrics", "int_duration_items"),
        ("metrics", "int_measure_values"),
        ("metrics", "int_metric_least_people"),
        ("metrics", "int_metric_lineage"),
        ("metrics", "int_metric_period_weeks"),
        ("metrics", "int_open_items"),
        ("metrics", "int_segment_values"),
        ("metrics", "int_stock_values"),
        ("metrics", "int_metric_periods"),
        ("metrics", "int_metric_periods_suppressed"),
        ("metrics", "int_metric_sides"),
        ("metrics", "int_metric_weeks"),
        ("metrics", "int_person_event_types"),
        ("metrics", "int_product_metrics"),
        ("metrics", "int_segment_periods"),
        ("metrics", "int_source_event_weeks"),
        ("metrics", "int_suppressed_cells"),
        ("metrics", "int_values_raw"),
        *(("state", name) for name in STATE_OF_MODELS),
    ),
    "conclude": (
        ("signals", "int_metric_task_types"),
        ("signals", "int_secret_task_types"),
        *(("state", name) for name in STATE_OF_MODELS),
    ),
}


class Engine(Protocol):
    """An engine as the steps see it."""

    def give(self, workspace: Workspace, step: str) -> None:
        """Bring the tables that the step's models read to where they run."""
        ...

    def take(self, workspace: Workspace, step: str) -> None:
        """Bring the step's tables that Python and readers need into the workspace's file."""
        ...


class Duckdb:
    """The default: dbt writes to the workspace's own file, nothing has to move."""

    def give(self, workspace: Workspace, step: str) -> None:
        pass

    def take(self, workspace: Workspace, step: str) -> None:
        pass


def engine_name() -> str:
    """The profile's target that `STEELYARD_ENGINE` names, `duckdb` where it is not set."""
    return os.environ.get("STEELYARD_ENGINE") or "duckdb"


def current_engine() -> Engine:
    """The engine of this process; raises UserError for a name that is none."""
    name = engine_name()
    if name == "duckdb":
        return Duckdb()
    if name == "postgres":
        from orchestration.engines.postgres import Postgres

        return Postgres()
    if name in ("spark_session", "spark_thrift"):
        from orchestration.engines.spark import Spark

        return Spark(in_process=name == "spark_session")
    raise UserError(
        f"STEELYARD_ENGINE={name} is not an engine",
        "Take one of: duckdb, postgres, spark_session, spark_thrift.",
    )


def tables_given(present: Sequence[Table], step: str) -> list[Table]:
    """Those of the file's tables that the step's models read from outside dbt."""
    return [
        (schema, table)
        for schema, table in present
        if schema in GIVEN[step] and (schema, table) not in _models_own()
    ]


def _models_own() -> set[Table]:
    return {("state", name) for name in STATE_OF_MODELS}
