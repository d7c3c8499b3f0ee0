"""The workspace over real exports: its registry, and links to the files of a folder outside."""

import os
from pathlib import Path

from orchestration.dbt_runner import PROJECT
from orchestration.errors import UserError
from orchestration.registry.template import copy_registry
from orchestration.workspace import Workspace

REAL_DATA = "STEELYARD_REAL_DATA"
SEEDS = PROJECT / "seeds" / "real"
EXPORTS = {
    "gitops": ("govuk_deploys/image_tag_changes.csv.gz",),
    "git": (
        "govuk_deploys/app_git/*__*.csv.gz",
        "cms_18f/*__*.csv.gz",
        "idp_moj_cloud_platform/*__*.csv.gz",
    ),
    "servicenow": ("itsm_servicenow_incidents/incident_event_log_full*.csv.gz",),
    "statuspage": ("github_status_incidents/incidents.jsonl.gz",),
    "git_cms": ("cms_18f/content_events.csv.gz",),
    "idp": ("idp_moj_cloud_platform/namespace_change_events.csv.gz",),
    "metabase": tuple(
        f"bi_metabase_coped/{table}.csv.gz"
        for table in (
            "activity",
            "login_history",
            "query_execution",
            "revision",
            "task_history",
            "view_log",
        )
    ),
}
"""Globs below the folder of real data, by the connector that reads them."""


def real_data_from_environment() -> Path:
    """Take the folder that `STEELYARD_REAL_DATA` names; nothing else knows where it is."""
    named = os.environ.get(REAL_DATA)
    if not named:
        raise UserError("real data not found", f"Set {REAL_DATA} to the folder of the exports.")
    return Path(named)


def build(workspace: Workspace, data: Path) -> list[Path]:
    """Make a workspace over the real exports, or bring one up to date.

    The registry is copied; the exports are linked, so that the workspace can be thrown away.

    Args:
        workspace: Where to; links to exports that are gone are removed.
        data: Folder of the exports, one folder a source.

    Returns:
        Links in the landing zone, in the order of their paths.

    Raises:
        UserError: An export isn't there.
    """
    copy_registry(SEEDS, workspace)
    return sorted(
        link
        for connector, patterns in EXPORTS.items()
        for link in _land(workspace.landing / connector, data, patterns)
    )


def _land(folder: Path, data: Path, patterns: tuple[str, ...]) -> list[Path]:
    """Link one connector's exports, in place of the links of a former build."""
    folder.mkdir(parents=True, exist_ok=True)
    for former in folder.iterdir():
        if former.is_symlink():
            former.unlink()
    links = []
    for pattern in patterns:
        exports = sorted(data.glob(pattern))
        if not exports:
            raise UserError(f"there is no export {pattern} in it", f"Check {REAL_DATA}.", file=data)
        for export in exports:
            link = folder / export.name
            link.symlink_to(export.resolve())
            links.append(link)
    return links
