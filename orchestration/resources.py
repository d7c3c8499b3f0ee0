"""The workspace as Dagster's resource: one run holds it from its first step to its last."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from orchestration.lock import workspace_lock
from orchestration.workspace import Workspace


class WorkspaceResource(dg.ConfigurableResource):
    """The workspace that a run works on; locked while the run lasts."""

    home: str = ""
    """Its folder; blank for the one that `STEELYARD_HOME` names."""
    scratch: str = ""
    """Name of a scratch run, see Workspace."""

    def get(self) -> Workspace:
        home = Path(self.home) if self.home else Workspace.from_environment().home
        return Workspace(home, self.scratch)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WorkspaceResource"]:
        with workspace_lock(self.get()):
            yield self
