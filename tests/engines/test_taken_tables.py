"""Python reads from an engine's models only what is taken back from the engine."""

import re
from pathlib import Path

import pytest

from orchestration.engines import GIVEN, TAKEN, current_engine, tables_given
from orchestration.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
OF_THEIR_OWN = ("landing_check.py", "gone.py")
"""What reads from a warehouse of its own, which is DuckDB's, or only where that is the engine."""
READ = re.compile(r"\b(?:from|join)\s+((?:intake|instruments|core|metrics|signals)\.\w+)")


def test_each_table_that_python_reads_is_taken() -> None:
    taken = {f"{schema}.{table}" for tables in TAKEN.values() for schema, table in tables}
    read = {
        table: path.name
        for folder in ("orchestration", "expectations")
        for path in (ROOT / folder).rglob("*.py")
        if path.name not in OF_THEIR_OWN
        for table in READ.findall(path.read_text(encoding="utf-8"))
    }
    assert len(read) > 10
    assert {table: name for table, name in read.items() if table not in taken} == {}


def test_state_that_models_append_to_is_never_given() -> None:
    present = [("state", "limit_segments"), ("state", "int_published_rosters"), ("core", "x")]
    assert tables_given(present, "conclude") == [("state", "limit_segments")]
    assert set(GIVEN) == set(TAKEN)


def test_an_unknown_engine_is_named_with_the_ones_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STEELYARD_ENGINE", "oracle")
    with pytest.raises(UserError, match=r"STEELYARD_ENGINE=oracle.*duckdb, postgres"):
        current_engine()
