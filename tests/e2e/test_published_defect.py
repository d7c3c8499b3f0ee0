"""What is published after a source broke."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.refresh import refresh
from orchestration.workspace import Workspace

BROKEN_WEEKS = ("2026-04-13", "2026-05-04")
"""First and last Monday of the weeks whose pages are published without an event."""


def values(workspace: Workspace) -> dict[tuple, tuple]:
    """Value, interval and grade of every metric, period and segment that was published."""
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select product_id, metric_id, period_grain, period_start_date::varchar, "
            "segment_type, segment_value, "
            "value, numerator, denominator, ci_low, ci_high, trust_grade, no_value_reason "
            "from marts.fct_metric_values"
        ).fetchall()
    return {row[:6]: row[6:] for row in rows}


@pytest.fixture(scope="module")
def broken(
    published_sample: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[tuple, tuple], dict[tuple, tuple]]:
    """Published values before and after the newsroom's editor stopped to send its finishes."""
    home = tmp_path_factory.mktemp("broken") / "sample"
    shutil.copytree(published_sample.home, home)
    workspace = Workspace(home)
    assert _lose_finishes(workspace.landing / "cloudevents" / "newsroom_cms") > 50
    refresh(workspace)
    return values(published_sample), values(workspace)


def _lose_finishes(folder: Path) -> int:
    """Drop the finishes of the weeks from the product's plain files; how many there were."""
    dropped = 0
    for file in sorted(folder.glob("*.jsonl")):
        kept = []
        for line in file.read_text().splitlines(keepends=True):
            event = json.loads(line)
            is_lost = event["type"] == "content.published" and (
                BROKEN_WEEKS[0] <= event["time"][:10] < "2026-05-25"
            )
            dropped += is_lost
            kept += [] if is_lost else [line]
        file.write_text("".join(kept))
    return dropped


def test_a_number_whose_source_lost_its_finishes_is_withheld(broken: tuple) -> None:
    before, after = broken
    key = ("newsroom_cms", "time_to_publish", "week", "2026-04-20", "all", "all")
    assert before[key][0] is not None and before[key][5] == "A"
    assert after[key][0] is None
    assert after[key][5:] == ("D", "withheld")


def test_metrics_of_the_same_kind_from_other_sources_are_untouched(broken: tuple) -> None:
    before, after = broken
    others = {key: row for key, row in before.items() if key[0] != "newsroom_cms"}
    assert len(others) > 3000
    assert any(key[1] == "time_to_decision" and row[0] is not None for key, row in others.items())
    assert {key: row for key, row in after.items() if key[0] != "newsroom_cms"} == others


def test_a_metric_of_the_same_product_that_reads_another_source_is_untouched(broken: tuple) -> None:
    before, after = broken
    fixing = {key: row for key, row in before.items() if key[1] == "error_fixing_share"}
    assert fixing and {key: after[key] for key in fixing} == fixing
