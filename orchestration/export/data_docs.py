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

from expectations.run import quiet_context
from expectations.suites.marts import mart_suite
from expectations.suites.sources import source_suite
from orchestration.defs.conclude.gate import mart_frame
from orchestration.defs.judge.contract_checks import WHOLE_WEEKS, frame
from orchestration.defs.publish.contracts import read_contracts
from orchestration.engine import connect
from orchestration.errors import RunError, UserError
from orchestration.export.without_network import Line, make_whole
from orchestration.registry.source_contracts import distinct_names
from orchestration.workspace import Workspace

SITE = "steelyard"
MARKER = ".steelyard-data-docs"
MARKED = """\
`steelyard quality docs` made this folder and replaces what it made whenever it is run again.
Without this file it leaves the folder alone.
"""
MADE = {MARKER, "index.html", "expectations", "validations", "static"}
"""All that may lie at the top of a folder that we made; a copy may bring the marker elsewhere."""
RUN = "select run_id, as_of_at from registry.run_context"


def write_data_docs(workspace: Workspace, folder: Path | None = None) -> Path:
    """Write the Data Docs of what lies in the warehouse and return the site's first page.

    One suite a source and one a served table, each evaluated by itself, so that this takes far
    longer than the same checks in a run. The site replaces the one before; raises UserError where
    `folder` holds anything that isn't such a site.
    """
    folder = folder or workspace.home / "exports" / "data-docs"
    if not workspace.database.is_file():
        raise UserError("there is no warehouse yet", "Run `steelyard refresh` first.", folder)
    with connect(workspace.database, read_only=True) as connection:
        # a warehouse in use leaves the docs before as they are
        context = _context(folder)
        (run,) = connection.execute(RUN).fetchall()
        suites = list(suites_to_show(connection))
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
    """Return a context whose only site lies in `folder`, emptied of the site before."""
    _empty(folder)
    context = quiet_context()
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


def _empty(folder: Path) -> None:
    """Make `folder`, without the site that we wrote there; leave what isn't ours."""
    if folder.exists() and not folder.is_dir():
        raise UserError("this is a file", "Name a folder with --out.", folder)
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    if found and not (folder / MARKER).is_file():
        raise UserError(
            f"the folder isn't empty, and no {MARKER} in it says that it was made by this command",
            "Choose another with --out; if it holds nothing but docs of an earlier version, "
            "delete it first.",
            folder,
        )
    if others := [path.name for path in found if path.name not in MADE]:
        raise UserError(
            f"beside the docs the folder has {others[0]!r}, which isn't part of them",
            "Move what isn't elsewhere, or choose another folder with --out.",
            folder,
        )
    # the marker goes last: what is stopped halfway can be replaced
    for path in sorted(found, key=lambda path: path.name == MARKER):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(MARKED, encoding="utf-8")


def suites_to_show(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[tuple[gx.ExpectationSuite, pd.DataFrame]]:
    """Yield each suite with the rows that it judges; tables without rows are left out."""
    statistics = connection.execute(WHOLE_WEEKS).df()
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
