"""A workspace keeps its keys, and no other workspace has them."""

from pathlib import Path

from orchestration.keys import workspace_key
from orchestration.workspace import Workspace


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    ours, theirs = Workspace(tmp_path / "ours"), Workspace(tmp_path / "theirs")
    key = workspace_key(ours, "items")
    assert len(key) == 64
    assert workspace_key(ours, "items") == key
    assert len({key, workspace_key(ours, "people"), workspace_key(theirs, "items")}) == 3
    assert (ours.home / "secrets" / "items.key").stat().st_mode & 0o777 == 0o600
