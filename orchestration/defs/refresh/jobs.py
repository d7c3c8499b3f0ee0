"""The jobs, when they run, and what they share."""

import hashlib

import dagster as dg

from orchestration.workspace import Workspace

# DuckDB has one writer: the steps of a run share one process
refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Load what is new and publish it.",
)
refresh_connector = dg.define_asset_job(
    "refresh_connector",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="The same, looking for news in one connector's files only.",
    config={"ops": {"load": {"config": {"connector": "cloudevents"}}}},
)

every_morning = dg.ScheduleDefinition(
    name="every_morning", job=refresh, cron_schedule="0 5 * * *", execution_timezone="UTC"
)


@dg.sensor(job=refresh, minimum_interval_seconds=60)
def new_landing_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run when a file in the landing zone is new or has changed."""
    state = landing_state(Workspace.from_environment())
    if state == context.cursor:
        return dg.SkipReason("No file in the landing zone is new.")
    context.update_cursor(state)
    return dg.RunRequest(run_key=state)


def landing_state(workspace: Workspace) -> str:
    """Digest of paths, sizes and modification times in the landing zone."""
    digest = hashlib.sha256()
    for path in sorted(workspace.landing.rglob("*")):
        if path.is_file():
            stat = path.stat()
            place = path.relative_to(workspace.landing)
            digest.update(f"{place}|{stat.st_size}|{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
