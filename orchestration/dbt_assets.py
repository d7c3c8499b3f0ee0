"""The dbt models as Dagster assets, one group a layer, run by our own dbt in this process.

Each group of layers is a step of its own: a blocking check acts between steps, and in one step
dbt would have built everything by the time the check runs.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import dagster as dg

from orchestration.dbt_runner import ensure_manifest, layer_paths, raise_failures, run_dbt
from orchestration.dbt_specs import UNIQUE_ID, decorator, layer_of
from orchestration.engines import current_engine
from orchestration.progress import step
from orchestration.resources import WorkspaceResource


@cache
def manifest() -> dict[str, Any]:
    """dbt's manifest, written first where it is missing or older than the project."""
    return json.loads(ensure_manifest().read_text(encoding="utf-8"))


def model_keys(*layers: str) -> list[dg.AssetKey]:
    """Asset keys of all models in these layers."""
    return [
        dg.AssetKey([layer_of(node), node["name"]])
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and layer_of(node) in layers
    ]


def source_keys(*schemas: str) -> list[dg.AssetKey]:
    """Asset keys of all tables that dbt reads from these schemas without building them."""
    return [
        dg.AssetKey([source["source_name"], source["name"]])
        for source in manifest()["sources"].values()
        if source["schema"] in schemas
    ]


def layer_assets(
    name: str, layers: Sequence[str], deps: Sequence[dg.AssetKey] = ()
) -> dg.AssetsDefinition:
    """One step that builds the layers' models, seeds and tests in lineage order."""
    select = " ".join(layer_paths(*layers))
    if "reference" in layers:
        select += " resource_type:seed"

    @decorator(name, select, manifest())
    def models(context: dg.AssetExecutionContext, workspace: WorkspaceResource) -> Iterator[Any]:
        home = workspace.get()
        with step(name) as current:
            engine = current_engine()
            engine.give(home, name)
            # unit tests are about the code: they run with the tests, not with every refresh
            without = ["--exclude", "resource_type:unit_test"]
            results = run_dbt(home, ["build", "--select", *select.split(), *without])
            yield from _events(context.assets_def, results)
            raise_failures(results, home)
            engine.take(home, name)
            current.note = f"{len(results)} models and tests"

    return models


def _events(definition: dg.AssetsDefinition, results: Sequence[Any]) -> Iterator[Any]:
    """dbt's results as Dagster's: models and seeds materialised, tests as checks."""
    key_of = {spec.metadata[UNIQUE_ID]: spec.key for spec in definition.specs}
    check_of = {spec.metadata[UNIQUE_ID]: spec for spec in definition.check_specs}
    for result in results:
        if result.unique_id in key_of and result.is_good:
            # `no-op`: it stays as it is
            told = {"seconds": round(result.seconds, 3), "status": result.status}
            yield dg.MaterializeResult(key_of[result.unique_id], metadata=told)
        elif result.unique_id in check_of and result.status != "skipped":
            is_warning = result.status == "warn"
            yield dg.AssetCheckResult(
                passed=result.status == "pass",
                asset_key=check_of[result.unique_id].asset_key,
                check_name=check_of[result.unique_id].name,
                severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
                metadata={"failure_count": result.failure_count, "message": result.message},
            )
