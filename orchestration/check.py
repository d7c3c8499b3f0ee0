"""Look at a workspace without running anything: is the registry valid, who reads which file."""

from collections import Counter

from orchestration.dbt_runner import PROJECT
from orchestration.registry.validate import validate
from orchestration.workspace import Workspace


def check_workspace(workspace: Workspace) -> tuple[list[str], list[str]]:
    """What is wrong in the registry, and what is to know about the landing zone, in lines.

    A file that nobody reads is a note: it is quarantined as a file and stops nothing.
    """
    from orchestration.defs.load.manifest import raw_tables, scan

    problems = [f"{workspace.seeds}/{problem}" for problem in validate(workspace.seeds)]
    files = scan(workspace.landing, raw_tables(PROJECT)) if workspace.landing.is_dir() else []
    counts = Counter(file.connector for file in files if file.table is not None)
    notes = [f"landing/{connector}: {count} files" for connector, count in sorted(counts.items())]
    notes += [
        f"{workspace.landing}/{file.path}: no connector reads it; it will be quarantined"
        for file in files
        if file.table is None
    ]
    return problems, notes or [f"The landing zone {workspace.landing} has no files."]
