"""The registry of a new workspace: every file with a comment a column, and no rows."""

from typing import Any

from orchestration.errors import UserError
from orchestration.registry.tables import FILES, columns, schema
from orchestration.workspace import Workspace


def write_template(workspace: Workspace) -> None:
    """Make the folders of a workspace and a commented registry in it.

    Raises UserError where a registry is there already; nothing is ever overwritten.
    """
    if workspace.seeds.is_dir() and any(workspace.seeds.iterdir()):
        raise UserError("there is a registry already", "Choose another folder.", workspace.seeds)
    for folder in (workspace.seeds, workspace.landing):
        folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        path = workspace.seeds / f"{name}.csv"
        path.write_text(template(name), encoding="utf-8", newline="\n")


def template(name: str) -> str:
    """Comments and header of one registry file."""
    described = schema(name)
    lines = [f"# {described['title']}. {described['description']}"]
    lines += [f"# {_explained(column)}" for column in described["fields"]]
    return "\n".join([*lines, ",".join(columns(name))]) + "\n"


def _explained(column: dict[str, Any]) -> str:
    constraints = column.get("constraints", {})
    need = "required" if constraints.get("required") else "may be blank"
    allowed = f" One of {', '.join(constraints['enum'])}." if "enum" in constraints else ""
    return f"{column['name']} ({column['type']}, {need}): {column['description']}{allowed}"
