"""Keys of a workspace: made once, kept beside the warehouse and never in it as files to share."""

import os
import secrets

from orchestration.workspace import Workspace


def workspace_key(workspace: Workspace, name: str) -> str:
    """Return the key `name` of the workspace, 64 hexadecimal digits; make it where there is none.

    Lies in `secrets/<name>.key`, readable by its owner only. Without it, hashes of people or items
    could be found by hashing guesses; with another one, they no longer match those of before.
    """
    path = workspace.home / "secrets" / f"{name}.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()
