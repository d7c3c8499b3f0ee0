"""One whole run over a workspace, from landing zone to publication, as the command line does it."""

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.errors import RunError, UserError
from orchestration.failures import forget_failure, note_failure
from orchestration.lock import lock_for_run
from orchestration.plurals import counted
from orchestration.publications import Publication, last_publication
from orchestration.workspace import Workspace


@dataclass(frozen=True)
class Outcome:
    """How a run ended that did not fail."""

    workspace: Workspace
    """Where it published: a scratch of the workspace for an earlier as-of."""
    publication: Publication
    is_new: bool
    """False where exactly this had been published before and nothing was computed."""


def refresh(
    workspace: Workspace,
    as_of_at: datetime | None = None,
    is_forced: bool = False,
    connector: str = "",
) -> Outcome:
    """Run the Dagster job `refresh` in this process and return what is published after it.

    `as_of_at` is naive UTC; None takes the latest received time. An instant before the last
    publication's runs in a scratch folder and adds nothing to the state. Raises UserError for
    wrong input and RunError where nothing was published.
    """
    workspace = _scratch_for(workspace, as_of_at)
    before = last_publication(workspace)
    with lock_for_run(workspace):
        try:
            if (
                before is not None
                and not is_forced
                and not _is_news(workspace, as_of_at, connector)
            ):
                # what went wrong before has been taken back
                forget_failure(workspace)
                return Outcome(workspace, before, is_new=False)
            # what a run that was killed had put aside: as much as the warehouse itself
            shutil.rmtree(f"{workspace.database}.tmp", ignore_errors=True)
            _execute(workspace, as_of_at, is_forced, connector)
        except (RunError, UserError) as error:
            note_failure(workspace, as_of_at, error)
            raise
        forget_failure(workspace)
    after = last_publication(workspace)
    if after is None:
        raise RunError("the run ended and nothing was published")
    return Outcome(workspace, after, is_new=is_forced or after != before)


def _is_news(workspace: Workspace, as_of_at: datetime | None, connector: str) -> bool:
    """Look for anything new before Dagster and dbt are started, which cost more than looking."""
    from orchestration.progress import say, step
    from orchestration.run import begin, hand_over

    with step("look") as current:
        begun = begin(workspace, as_of_at, connector or None)
        hand_over(begun, workspace, as_of_at, connector or None)
        current.note = f"{counted(begun.file_count, 'file')}, as of {begun.context.as_of_at}Z"
    if not begun.is_new:
        say("Nothing new in landing zone, registry, code and as-of: published already.")
    return begun.is_new


def _scratch_for(workspace: Workspace, as_of_at: datetime | None) -> Workspace:
    """The workspace itself, or for an earlier as-of a scratch with the state of that instant."""
    last = last_publication(workspace)
    if as_of_at is None or last is None or as_of_at >= last.as_of_at:
        return workspace
    if not workspace.database.is_file():
        what = "the warehouse is gone, and with it the state of earlier instants"
        raise UserError(what, "Run `steelyard refresh` first.", workspace.database)
    scratch = Workspace(workspace.home, as_of_at.strftime("%Y-%m-%dT%H%M%S"))
    shutil.rmtree(scratch.warehouse, ignore_errors=True)
    scratch.warehouse.mkdir(parents=True)
    with duckdb.connect(str(scratch.database)) as connection:
        try:
            connection.execute(f"attach '{workspace.database}' as published (read_only)")
        except duckdb.IOException as error:
            raise RunError("the warehouse is in use by another run; try again later") from error
        connection.execute("create schema state")
        tables = connection.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'published' and schema_name = 'state'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(
                f"create table state.{table} as "
                f"select * from published.state.{table} where as_of_at <= ?",
                [as_of_at],
            )
    return scratch


def _execute(
    workspace: Workspace, as_of_at: datetime | None, is_forced: bool, connector: str
) -> None:
    """Execute the job; its error is raised as the UserError or RunError that it was."""
    # not exported
    from dagster._core.errors import (
        DagsterAssetCheckFailedError,
        DagsterExecutionInterruptedError,
    )

    from orchestration.dbt_specs import be_brief
    from orchestration.instance import instance_of_a_run

    be_brief()
    from orchestration.definitions import brief_defs

    # dbt's failures end a step by themselves; where nothing is new, no check has a result
    logging.getLogger("dagster._core.execution.plan.active").setLevel(logging.ERROR)
    load = {
        "as_of": as_of_at.isoformat() if as_of_at else "",
        "connector": connector,
        "is_forced": is_forced,
    }
    job = brief_defs().resolve_job_def("refresh")
    with instance_of_a_run() as instance:
        try:
            result = job.execute_in_process(
                run_config={
                    "resources": {
                        "workspace": {
                            "config": {"home": str(workspace.home), "scratch": workspace.scratch}
                        }
                    },
                    "ops": {"load": {"config": load}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                instance=instance,
                raise_on_error=True,
            )
        except DagsterAssetCheckFailedError as error:
            what = "a gate stopped the run, the last publication stays"
            raise RunError(what, str(error)) from error
        except DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except Exception as error:
            known = _known_cause(error)
            if known is None:
                raise
            raise known from error
    if not result.success:
        raise RunError("the run failed, the last publication stays")


def _known_cause(error: BaseException | None) -> UserError | RunError | None:
    """The error of ours that Dagster wrapped, None where it is a defect of the program."""
    seen: set[int] = set()
    # Dagster chains an error to itself, so the chain has no end
    while error is not None and id(error) not in seen:
        if isinstance(error, UserError | RunError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
