"""Suites and their latest results as Great Expectations Data Docs, a static site of pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)

from expectations.suites.marts import mart_suite
from expectations.suites.sources import source_suite
from orchestration.defs.conclude.gate import mart_frame
from orchestration.defs.judge.contract_checks import STATISTICS, frame
from orchestration.defs.publish.contracts import read_contracts
from orchestration.errors import RunError, UserError
from orchestration.export.without_network import Line, make_whole
from orchestration.registry.source_contracts import distinct_names
from orchestration.workspace import Workspace

SITE = "steelyard"
RUN = "select run_id, as_of_at from registry.run_context"


def write_data_docs(workspace: Workspace, folder: Path | None = None) -> Path:
    """Write the Data Docs of what lies in the warehouse and return the site's first page.

    One suite a source and one a served table, each evaluated by itself, so that this takes far
    longer than the same checks in a run. The site replaces the one before.
    """
    folder = folder or workspace.home / "exports" / "data-docs"
    if not workspace.database.is_file():
        raise UserError("there is no warehouse yet", "Run `steelyard refresh` first.", folder)
    context = _context(folder)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        (run,) = connection.execute(RUN).fetchall()
        suites = list(_suites(connection))
        # a name becomes a folder
        names = distinct_names(suite.name for suite, _ in suites)
        lines = []
        for suite, rows in suites:
            suite.name = names[suite.name]
            run_id = RunIdentifier(run_name=run[0], run_time=run[1])
            lines.append(_validate(context, suite, rows, run_id))
    context.build_data_docs()
    make_whole(folder, lines)
    return folder / "index.html"


def _context(folder: Path) -> EphemeralDataContext:
    """Return a context whose only site lies in an empty `folder`."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "index.html").is_file():
        raise UserError("the folder has other files", "Choose another with --out.", folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    for name in list(context.variables.data_docs_sites or {}):
        context.delete_data_docs_site(name)
    context.add_data_docs_site(
        SITE,
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder),
            },
        },
    )
    return context


def _suites(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[tuple[gx.ExpectationSuite, pd.DataFrame]]:
    """Yield each suite with the rows that it judges; tables without rows are left out."""
    statistics = connection.execute(STATISTICS).df()
    if not statistics.empty:
        for source_id, own in frame(statistics).groupby("source_id"):
            yield source_suite(str(source_id)), own
    for contract in read_contracts():
        rows = mart_frame(connection, contract)
        if not rows.empty:
            columns = [column.name for column in contract.columns]
            yield mart_suite(contract.name, contract.grain, columns), rows


def _validate(
    context: EphemeralDataContext,
    suite: gx.ExpectationSuite,
    rows: pd.DataFrame,
    run_id: RunIdentifier,
) -> Line:
    """Evaluate a suite, keep its result in the context and return how many are broken."""
    name = suite.name
    asset = context.data_sources.add_pandas(name=name).add_dataframe_asset(name=name)
    batch = asset.add_batch_definition_whole_dataframe("all")
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batch, suite=context.suites.add(suite))
    )
    result = definition.run(
        batch_parameters={"dataframe": rows}, result_format="SUMMARY", run_id=run_id
    )
    for found in result.results:
        info = found.exception_info
        if info.get("raised_exception") or any(
            isinstance(part, dict) and part.get("raised_exception") for part in info.values()
        ):
            raise RunError(f"the suite {name!r} couldn't be evaluated", str(info))
    return Line(name, len(result.results), sum(not found.success for found in result.results))
