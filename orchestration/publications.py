"""Which runs were published: `state.publications`, the memory of what state rows count."""

import json
from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration import gone
from orchestration.registry.load import RunContext
from orchestration.workspace import Workspace


@dataclass(frozen=True)
class Publication:
    """One publication as its contract tells it; the instant is naive UTC."""

    run_id: str
    as_of_at: datetime
    code_version: str


def last_publication(workspace: Workspace) -> Publication | None:
    """What lies in the publish folder now, None where nothing does."""
    path = workspace.publish / "contract.json"
    if not path.is_file():
        return None
    contract = json.loads(path.read_text(encoding="utf-8"))
    as_of_at = datetime.fromisoformat(contract["as_of_at"].removesuffix("Z"))
    return Publication(contract["run_id"], as_of_at, contract["code_version"])


def prepare_state(workspace: Workspace) -> None:
    """Make the tables of state where they are missing, and add the publication that lies there.

    A run that ended between the rename and the note has published all the same.
    """
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute("create schema if not exists state")
        connection.execute(
            "create table if not exists state.publications ("
            "publication_number bigint, run_id varchar, as_of_at timestamp, code_version varchar)"
        )
        gone.prepare(connection)
    published = last_publication(workspace)
    if published is not None:
        note_publication(workspace, published)


def note_publication(workspace: Workspace, published: Publication | RunContext) -> None:
    """Append to `state.publications`, unless the run stands there already."""
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(
            "insert into state.publications "
            "select coalesce(max(publication_number), 0) + 1, ?, ?, ? from state.publications "
            "having not coalesce(bool_or(run_id = ?), false)",
            [published.run_id, published.as_of_at, published.code_version, published.run_id],
        )
