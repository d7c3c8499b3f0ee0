"""The last refresh that published nothing: told by `steelyard status` until one does."""

import json
from datetime import datetime

from orchestration.workspace import Workspace

NAME = "last_failure.json"


def note_failure(workspace: Workspace, as_of_at: datetime | None, error: Exception) -> None:
    """Remember that a refresh published nothing, and why; of an interruption nothing is noted."""
    workspace.warehouse.mkdir(parents=True, exist_ok=True)
    told = {"as_of_at": f"{as_of_at}Z" if as_of_at else None, "why": str(error)}
    (workspace.warehouse / NAME).write_text(json.dumps(told, indent=2) + "\n")


def forget_failure(workspace: Workspace) -> None:
    """Forget it: the refresh after it ended well."""
    (workspace.warehouse / NAME).unlink(missing_ok=True)


def failure_words(workspace: Workspace) -> list[str]:
    """Return in words that the last refresh published nothing; empty where it ended well."""
    try:
        told = json.loads((workspace.warehouse / NAME).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    of = f", as of {told['as_of_at']}" if told["as_of_at"] else ""
    return [f"The last refresh{of} published nothing: {told['why']}"]
