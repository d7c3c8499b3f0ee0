"""Many events are counted as by hand: kept, set aside, told again, and paired to attempts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from bench.scale import workspace as scale
from orchestration import increment
from orchestration.dbt_runner import raise_failures, run_dbt
from orchestration.run import begin
from orchestration.workspace import Workspace
from tests import scale_events

FLOOR = os.environ.get("STEELYARD_FLOOR", "")


def counted(workspace: Workspace) -> tuple[int, int, int, int]:
    """Lines accepted, quarantined and duplicate, and attempts at tasks, after load and intake."""
    scale.write_registry(workspace)
    begin(workspace, None, None)
    increment.start(workspace.database)
    selected = ["+int_intake_reconciliation", "+int_task_attempts"]
    raise_failures(run_dbt(workspace, ["run", "--select", *selected]), workspace)
    increment.finish(workspace.database)
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        [found] = connection.execute(
            "select sum(accepted_line_count)::bigint, sum(quarantined_line_count)::bigint, "
            "sum(duplicate_line_count)::bigint, (select count(*) from core.int_task_attempts) "
            "from intake.int_intake_reconciliation where is_balanced"
        ).fetchall()
    return found


def test_a_hundred_thousand_events_are_counted_as_they_were_drawn(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    drawn = scale_events.land(workspace.landing / "cloudevents", seed=1, entities=35_000)

    found = counted(workspace)

    assert found == (drawn.kept, drawn.quarantined, drawn.duplicates, drawn.attempts)
    assert drawn.kept > 95_000


@pytest.mark.floor
def test_a_million_events_are_counted_as_hand_written_sql_counts_them(tmp_path: Path) -> None:
    if not (Path(FLOOR) / "floor.py").is_file() or not FLOOR:
        pytest.skip("no hand-written SQL to compare with: set STEELYARD_FLOOR")
    generated, workspace = tmp_path / "events", Workspace(tmp_path / "home")
    script(tmp_path, "gen.py", "--events", "1e6", "--out", str(generated))
    told = script(tmp_path, "floor.py", str(generated), "--memory", "4GB", "--noscan")
    kept, quarantined, attempts = map(
        int, re.findall(r"fingerprint \((.*?)\)", told)[0].split(",")[:3]
    )
    days = sorted(folder.name.removeprefix("dt=") for folder in generated.iterdir())
    # half of them in each format
    scale.land(generated, workspace, days[::2])
    scale.land_json_lines(generated, workspace, days[1::2])

    found = counted(workspace)

    assert (found[0], found[1], found[3]) == (kept, quarantined, attempts)
    assert kept > 900_000


def script(folder: Path, name: str, *arguments: str) -> str:
    """What a script of the floor's folder prints."""
    command = [sys.executable, str(Path(FLOOR) / name), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout
