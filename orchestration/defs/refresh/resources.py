"""What every step is given."""

import dagster as dg

from orchestration.resources import WorkspaceResource


@dg.definitions
def resources() -> dg.Definitions:
    """The workspace that `STEELYARD_HOME` names, unless a run says otherwise."""
    return dg.Definitions(resources={"workspace": WorkspaceResource()})
