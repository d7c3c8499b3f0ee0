"""Entry point that Dagster loads. Definitions live in `orchestration/defs/<domain>/`."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """Load every definition found under `orchestration/defs`."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
