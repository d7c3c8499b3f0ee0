"""What several test modules look at: judged instruments, made once, and an empty warehouse."""

from pathlib import Path

import duckdb
import pytest

from orchestration.defs.judge.guard import judge_instruments
from tests.unit.instruments_defects import records
from tests.unit.instruments_warehouse import ROOT, run_instruments, write
from tests.unit.mart_world import World


@pytest.fixture(scope="session")
def judged_defects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse with `guard.instrument_checks` over one source for each defect."""
    folder: Path = tmp_path_factory.mktemp("checks")
    database = folder / "w.duckdb"
    write(records(), database)
    with duckdb.connect(str(database)) as connection:
        thresholds = ROOT / "seeds" / "defaults" / "check_thresholds.csv"
        connection.execute(
            f"create table registry.check_thresholds as from read_csv('{thresholds}', types="
            "{'warn': 'double', 'fail': 'double', 'block': 'double', 'sure_p': 'double', "
            "'least_effect': 'double'})"
        )
    with pytest.MonkeyPatch.context() as patch:
        run_instruments(database, folder, patch)
    judge_instruments(database)
    return database


@pytest.fixture
def world() -> World:
    return World()
