"""What Dagster is told of dbt's models and tests: by its own integration, or as that told it last.

The integration imports all of dbt, which a small run that sends known statements again doesn't
need. What such a run uses of it are keys, dependencies and names: they are kept beside the parsed
project, and are as good as long as project and versions are the same.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.dbt_runner import PARSED, project_state, replace_whole

UNIQUE_ID = "dagster_dbt/unique_id"
PACKAGES = ("dagster", "dagster-dbt", "dbt-core")
Decorator = Callable[[Callable[..., Any]], dg.AssetsDefinition]


class _Process:
    is_brief = False


def be_brief() -> None:
    """Let this process take what is kept: it shows nobody columns, tags or descriptions."""
    _Process.is_brief = True


def layer_of(node: Mapping[str, Any]) -> str:
    """The layer of a model or seed: the schema that its folder sets."""
    return node["config"].get("schema") or node["schema"]


def decorator(name: str, select: str, manifest: Mapping[str, Any]) -> Decorator:
    """Return what makes a function the step `name` that builds the selected models."""
    file = _kept_file(name, select)
    if _Process.is_brief:
        kept = _kept(file)
        if kept is not None:
            specs, checks = kept
            return dg.multi_asset(
                name=name, specs=specs, check_specs=checks, can_subset=True,
                allow_arbitrary_check_specs=True,
            )  # fmt: skip

    def told(function: Callable[..., Any]) -> dg.AssetsDefinition:
        definition = _by_integration(name, select, manifest)(function)
        if not file.exists():
            _keep(file, definition)
        return definition

    return told


def _by_integration(name: str, select: str, manifest: Mapping[str, Any]) -> Decorator:
    from dagster_dbt import DagsterDbtTranslator, dbt_assets

    class LayerTranslator(DagsterDbtTranslator):
        """Groups are the layers, so that the picture reads like the way of the data."""

        def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
            return layer_of(dbt_resource_props)

    return dbt_assets(
        manifest=manifest, select=select, name=name, dagster_dbt_translator=LayerTranslator()
    )


def _kept_file(name: str, select: str) -> Path:
    parts = [project_state(), name, select, *(version(package) for package in PACKAGES)]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return PARSED / f"specs-{name}-{digest}.json"


def _kept(file: Path) -> tuple[list[dg.AssetSpec], list[dg.AssetCheckSpec]] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        specs = [
            dg.AssetSpec(
                dg.AssetKey(row["key"]), deps=[dg.AssetKey(key) for key in row["deps"]],
                group_name=row["group"], skippable=row["is_skippable"],
                metadata={UNIQUE_ID: row["unique_id"]},
            )
            for row in found["specs"]
        ]  # fmt: skip
        checks = [
            dg.AssetCheckSpec(
                row["name"], asset=dg.AssetKey(row["key"]), blocking=row["is_blocking"],
                additional_deps=[dg.AssetKey(key) for key in row["deps"]],
                metadata={UNIQUE_ID: row["unique_id"]},
            )
            for row in found["checks"]
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        # not written yet, or broken off
        return None
    return specs, checks


def _keep(file: Path, definition: dg.AssetsDefinition) -> None:
    specs = [
        {
            "key": spec.key.path,
            "deps": [dep.asset_key.path for dep in spec.deps],
            "group": spec.group_name,
            "is_skippable": spec.skippable,
            "unique_id": spec.metadata[UNIQUE_ID],
        }
        for spec in definition.specs
    ]
    checks = [
        {
            "name": spec.name,
            "key": spec.asset_key.path,
            "deps": [dep.asset_key.path for dep in spec.additional_deps],
            "is_blocking": spec.blocking,
            "unique_id": spec.metadata[UNIQUE_ID],
        }
        for spec in definition.check_specs
    ]
    for old in file.parent.glob(f"specs-{definition.op.name}-*.json"):
        old.unlink(missing_ok=True)
    replace_whole(file, json.dumps({"specs": specs, "checks": checks}).encode())
