"""Entry point that Dagster loads. Definitions live in `orchestration/defs/<domain>/`."""

import warnings
from importlib import import_module
from pathlib import Path

import dagster as dg

DEFS = Path(__file__).parent / "defs"


@dg.definitions
def defs() -> dg.Definitions:
    """Load every definition found under `orchestration/defs`."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)


def brief_defs() -> dg.Definitions:
    """The same without Dagster's registry of components, which imports all of its integrations."""
    from orchestration.defs.refresh.resources import resources

    files = sorted(DEFS.rglob("*.py"))
    modules = [
        import_module(".".join(file.relative_to(DEFS.parents[1]).with_suffix("").parts))
        for file in files
        if file.name in ("assets.py", "checks.py", "jobs.py")
    ]
    with warnings.catch_warnings():
        # "in preview" is nothing to tell who waits for a run; versions are locked
        warnings.simplefilter("ignore", dg.PreviewWarning)
        found = dg.load_definitions_from_modules(modules)
    return dg.Definitions.merge(found, resources())
