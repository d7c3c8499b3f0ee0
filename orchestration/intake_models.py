"""Run the models of the intake over a warehouse that is thrown away, for `steelyard check`.

Starting dbt costs four times what these models do. Where everything is computed, their compiled SQL
depends on the project's files and on dbt alone: it is kept beside the parsed project, and run
without dbt.
"""

import json

from orchestration.dbt_runner import (
    PROJECT,
    project_state,
    raise_failures,
    replace_whole,
    run_dbt,
)
from orchestration.engine import connect
from orchestration.engines import engine_name
from orchestration.resend import versions
from orchestration.workspace import Workspace

KEPT = PROJECT / "target" / "intake_models.json"
SELECTION = ["run", "--select", "+int_events_quarantined"]


def run_intake(workspace: Workspace) -> None:
    """Make `intake.int_events_quarantined` and all before it in the workspace's warehouse.

    By dbt where the project has changed since its SQL was kept. Always on DuckDB: on another engine
    the models would write over what it holds. Raises RunError where a model fails.
    """
    models = _kept()
    if models is None:
        results = run_dbt(workspace, SELECTION, "duckdb")
        raise_failures(results, workspace)
        if engine_name() == "duckdb":
            models = [found for found in results if found.unique_id.startswith("model.")]
            _keep([(found.relation, found.is_view, found.sql) for found in models])
        return
    with connect(workspace.database) as connection:
        for relation, is_view, sql in models:
            schema = relation.rpartition(".")[0]
            connection.execute(f"create schema if not exists {schema}")
            kind = "view" if is_view else "table"
            connection.execute(f"create or replace {kind} {relation} as ({sql}\n)")


def _kept() -> list[tuple[str, bool, str]] | None:
    """Relation, whether it is a view, and query, in the order of making; None where it is old."""
    try:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept["models"] if kept.get("state") == _state() else None


def _keep(models: list[tuple[str, bool, str]]) -> None:
    """Keep the models, which ended in an order in which they can be made again."""
    if all(relation and sql for relation, _, sql in models):
        kept = {"state": _state(), "models": models}
        replace_whole(KEPT, json.dumps(kept).encode())


def _state() -> str:
    """What the compiled SQL depends on: another version of dbt may compile it otherwise."""
    return " ".join([project_state(), *versions()])
