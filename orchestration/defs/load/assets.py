"""Registry and landing zone, loaded into the warehouse as one step."""

from collections.abc import Iterator
from datetime import datetime

import dagster as dg

from orchestration.dbt_assets import source_keys
from orchestration.errors import UserError
from orchestration.increment import start
from orchestration.plurals import counted
from orchestration.progress import say, step
from orchestration.resources import WorkspaceResource
from orchestration.run import begin_or_go_on

LANDING_ZONE = dg.AssetKey(["landing", "files"])
landing_zone = dg.AssetSpec(
    LANDING_ZONE, group_name="load", description="Files as tools and people put them there."
)
registry_files = dg.AssetSpec(
    dg.AssetKey(["seeds", "registry"]), group_name="load", description="The registry's CSV files."
)


class LoadConfig(dg.Config):
    """What a run is asked to compute."""

    as_of: str = ""
    """Instant to compute for, naive UTC in ISO 8601; blank: the latest received time."""
    connector: str = ""
    """Look for news in this connector's files only; blank: in all."""
    is_forced: bool = False
    """Compute even where exactly this has been published already."""


def _spec(key: dg.AssetKey) -> dg.AssetSpec:
    upstream = registry_files if key.path[0] == "registry" else landing_zone
    return dg.AssetSpec(key, deps=[upstream], group_name="load", skippable=True)


# a file that is still being written when it is read is whole a few seconds later
@dg.multi_asset(
    name="load",
    specs=[_spec(key) for key in source_keys("registry", "raw")],
    retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
)
def load(config: LoadConfig, workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Load what is new; where nothing is, later steps are skipped."""
    as_of_at = datetime.fromisoformat(config.as_of) if config.as_of else None
    try:
        with step("load") as current:
            connector = config.connector or None
            begun = begin_or_go_on(workspace.get(), as_of_at, connector, config.is_forced)
            files = counted(begun.file_count, "file")
            current.note = f"{files}, as of {begun.context.as_of_at}Z; {begun.plan}"
    except UserError as error:
        # waiting does not mend wrong input
        raise dg.Failure(str(error), allow_retries=False) from error
    if not begun.is_new and not config.is_forced:
        say("Nothing new in landing zone, registry, code and as-of: published already.")
        return
    start(workspace.get().database)
    for key in source_keys("registry", "raw"):
        yield dg.MaterializeResult(key)
