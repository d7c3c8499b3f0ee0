"""Publish the marts, their contract and the two pages."""

from collections.abc import Iterator

import dagster as dg

from orchestration.dbt_assets import model_keys
from orchestration.increment import finish
from orchestration.progress import step
from orchestration.publications import last_publication, note_publication
from orchestration.resources import WorkspaceResource

OUTPUTS = {
    "marts": "The served tables: marts.duckdb and parquet files of the same tables.",
    "contract": "Run, as-of, code version and columns of what is published.",
    "scorecard": "The page that a product's people read.",
    "metrics": "The page of every metric that is computed.",
    "numbers": "The page that recomputes each number of the scorecard.",
    "quality": "The page that says which instruments can be believed.",
}


def _spec(name: str) -> dg.AssetSpec:
    key = dg.AssetKey(["publish", name])
    return dg.AssetSpec(
        key, deps=model_keys("marts"), group_name="publish", description=OUTPUTS[name]
    )


# a file share that is away for a moment
@dg.multi_asset(
    name="publish",
    specs=[_spec(name) for name in OUTPUTS],
    retry_policy=dg.RetryPolicy(max_retries=2, delay=5),
)
def publish(workspace: WorkspaceResource) -> Iterator[dg.MaterializeResult]:
    """Swap the new publication in for the old one, then note that it is out."""
    from orchestration.defs.load.loaders import show_all_events
    from orchestration.defs.publish.publish import publish as write

    home = workspace.get()
    with step("publish") as current:
        write(home)
        published = last_publication(home)
        if published is not None:
            note_publication(home, published)
            finish(home.database)
            show_all_events(home.database, home.landing)
        current.note = str(home.publish)
    for name in OUTPUTS:
        yield dg.MaterializeResult(dg.AssetKey(["publish", name]))
