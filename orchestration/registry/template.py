"""The registry of a new workspace: every file with a comment a column, and the defaults."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration.errors import UserError
from orchestration.registry.system_templates import System, as_csv, template_rows
from orchestration.registry.tables import FILES, columns, schema
from orchestration.workspace import Workspace

DEFAULTS = Path(__file__).parents[2] / "seeds" / "defaults"
"""Rows that every registry starts with: settings, and thresholds of the instrument checks."""


def write_template(workspace: Workspace, chosen: Iterable[System] = ()) -> None:
    """Make the folders of a workspace and a commented registry in it, with rows for the systems.

    Raises UserError where a registry is there already; nothing is ever overwritten.
    """
    if workspace.seeds.is_dir() and any(workspace.seeds.iterdir()):
        raise UserError("there is a registry already", "Choose another folder.", workspace.seeds)
    for folder in (workspace.seeds, workspace.landing):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"no folder can be made there ({error.strerror})"
            raise UserError(what, "Choose another folder.", folder) from error
    rows = template_rows(chosen)
    for name in FILES:
        path = workspace.seeds / f"{name}.csv"
        text = template(name) + as_csv(name, rows.get(name, ()))
        path.write_text(text, encoding="utf-8", newline="\n")


def template(name: str) -> str:
    """Comments and header of one registry file, and its default rows where it has any."""
    default = DEFAULTS / f"{name}.csv"
    described = schema(name)
    lines = [f"# {described['title']}. {described['description']}"]
    lines += [f"# {_explained(column)}" for column in described["fields"]]
    header = ",".join(columns(name)) + "\n"
    rows = default.read_text(encoding="utf-8") if default.is_file() else header
    return "\n".join(lines) + "\n" + rows


def copy_registry(seeds: Path, workspace: Workspace) -> None:
    """Give a workspace the registry in `seeds`, and the defaults where `seeds` has no such file."""
    workspace.seeds.mkdir(parents=True, exist_ok=True)
    chosen = {file.name: file for folder in (DEFAULTS, seeds) for file in folder.glob("*.csv")}
    for name, file in sorted(chosen.items()):
        shutil.copyfile(file, workspace.seeds / name)


def _explained(column: dict[str, Any]) -> str:
    constraints = column.get("constraints", {})
    need = "required" if constraints.get("required") else "may be blank"
    allowed = f" One of {', '.join(constraints['enum'])}." if "enum" in constraints else ""
    return f"{column['name']} ({column['type']}, {need}): {column['description']}{allowed}"
