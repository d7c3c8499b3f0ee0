"""The same input run again gives what was published before."""

from collections.abc import Callable

import duckdb

from orchestration.defs.publish.contracts import read_contracts
from orchestration.refresh import refresh
from orchestration.workspace import Workspace


def test_the_same_input_run_again_gives_equal_marts_and_pages(
    sample_copy: Callable[[], Workspace], published_sample: Workspace
) -> None:
    workspace = sample_copy()
    refresh(workspace, is_forced=True)
    for page in ("scorecard.html", "metrics.html", "numbers.html", "quality.html", "contract.json"):
        again = (workspace.publish / page).read_bytes()
        assert again == (published_sample.publish / page).read_bytes(), page
    with duckdb.connect() as connection:
        for name, home in (("a", published_sample), ("b", workspace)):
            file = home.publish / "marts.duckdb"
            connection.execute(f"attach '{file}' as {name} (read_only)")
        for contract in read_contracts():
            for one, other in (("a", "b"), ("b", "a")):
                sql = f"(from {one}.{contract.name}) except all (from {other}.{contract.name})"
                assert connection.execute(sql).fetchall() == [], contract.name
