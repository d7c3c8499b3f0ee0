"""Write exports below a folder, one file a source, or one of run events."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.errors import UserError
from orchestration.export.asyncapi import asyncapi
from orchestration.export.odcs import odcs
from orchestration.export.openlineage import run_events
from orchestration.export.results import check_results
from orchestration.registry.load import RegistryError
from orchestration.registry.source_contracts import (
    SourceContract,
    distinct_names,
    registry_rows,
    source_contracts,
)
from orchestration.registry.validate import read_registry
from orchestration.workspace import Workspace

CONTRACTS: dict[str, Callable[[SourceContract], dict[str, Any]]] = {
    "odcs": odcs,
    "asyncapi": asyncapi,
}
KINDS = (*CONTRACTS, "openlineage")


def export(workspace: Workspace, kind: str, folder: Path | None = None) -> list[Path]:
    """Write one kind of export and return the files; by default below `exports/` of the workspace.

    Contracts come from the registry alone, run events from what is published. Nothing reads the
    clock: equal input gives equal bytes. Files of sources that are gone are left alone.
    """
    folder = folder or workspace.home / "exports" / kind
    if kind in CONTRACTS:
        files = _contracts(workspace, kind)
    else:
        files = {"events.jsonl": _events(workspace)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        what = f"nothing can be written there ({error.strerror})"
        raise UserError(what, "Choose another folder with --out.", folder) from error
    return [folder / name for name in files]


def _contracts(workspace: Workspace, kind: str) -> dict[str, str]:
    registry, problems = read_registry(workspace.seeds)
    if problems:
        raise RegistryError(workspace.seeds, problems)
    contracts = source_contracts(registry_rows(registry))
    names = distinct_names(contract.source_id for contract in contracts)
    return {
        f"{names[contract.source_id]}.{kind}.yaml": yaml.safe_dump(
            CONTRACTS[kind](contract), sort_keys=False, allow_unicode=True, width=100
        )
        for contract in contracts
    }


def _events(workspace: Workspace) -> str:
    marts = workspace.publish / "marts.duckdb"
    if not marts.is_file():
        raise UserError("nothing is published yet", "Run `steelyard refresh` first.", marts)
    with duckdb.connect(str(marts), read_only=True) as connection:
        run, datasets = check_results(connection)
    lines = (json.dumps(event, ensure_ascii=False) for event in run_events(run, datasets))
    return "".join(f"{line}\n" for line in lines)
