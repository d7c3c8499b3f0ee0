"""The registry reaches the warehouse typed, whole, and with the place each row came from."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.registry.load import (
    RegistryError,
    RunContext,
    load_registry,
    write_run_context,
)
from orchestration.registry.tables import FILES
from orchestration.registry.template import template


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A registry of one product with one source whose series ended."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in ("metrics", "tracking_plan"):
        (folder / f"{name}.csv").write_text(template(name))
    (folder / "products.csv").write_text(
        "# ours\nproduct_id,product_name,owner_team,user_count,is_captive\ncms,News,Web,40,true\n"
    )
    (folder / "sources.csv").write_text(
        "source_id,connector,product_id,source_name,observed_until,lateness_hours\n"
        "/cms,cloudevents,cms,CMS,2026-03-29T03:30:00+02:00,1.5\n"
    )
    return folder


def test_rows_are_typed_and_carry_file_and_line(seeds: Path, tmp_path: Path) -> None:
    database = tmp_path / "warehouse" / "steelyard.duckdb"
    load_registry(seeds, database)
    with duckdb.connect(str(database)) as connection:
        assert connection.execute(
            "select user_count, is_captive, org_level, registry_file, registry_line "
            "from registry.products"
        ).fetchall() == [(40, True, None, "products.csv", 3)]


def test_instants_are_kept_as_utc_whatever_their_offset(seeds: Path, tmp_path: Path) -> None:
    load_registry(seeds, tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert connection.execute(
            "select observed_until, lateness_hours from registry.sources"
        ).fetchall() == [(datetime(2026, 3, 29, 1, 30), 1.5)]


def test_every_table_is_there_also_where_its_file_is_not(seeds: Path, tmp_path: Path) -> None:
    load_registry(seeds, tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'registry'"
        ).fetchall()
        assert {name for (name,) in tables} == {*FILES, "loaded", "contract_properties"}


def test_a_row_that_was_taken_out_is_gone_after_the_next_load(seeds: Path, tmp_path: Path) -> None:
    load_registry(seeds, tmp_path / "w.duckdb")
    (seeds / "sources.csv").write_text(template("sources"))
    load_registry(seeds, tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert connection.execute("select count(*) from registry.sources").fetchall() == [(0,)]


def test_a_wrong_registry_leaves_the_loaded_one_as_it_is(seeds: Path, tmp_path: Path) -> None:
    load_registry(seeds, tmp_path / "w.duckdb")
    (seeds / "sources.csv").write_text("source_id\n/cms\n")
    with pytest.raises(RegistryError, match=r"sources.csv:1: connector: column is missing"):
        load_registry(seeds, tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert connection.execute("select count(*) from registry.sources").fetchall() == [(1,)]


@pytest.mark.parametrize(("setting", "zone"), [("", "UTC"), ("Asia/Tokyo", "Asia/Tokyo")])
def test_the_reporting_zone_is_the_setting_or_utc(
    seeds: Path, tmp_path: Path, setting: str, zone: str
) -> None:
    if setting:
        (seeds / "settings.csv").write_text(f"setting,value\nreporting_time_zone,{setting}\n")
    load_registry(seeds, tmp_path / "w.duckdb")
    write_run_context(RunContext(datetime(2026, 1, 1), "r", "c"), tmp_path / "w.duckdb")
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        assert connection.execute("from registry.run_context").fetchall() == [
            (datetime(2026, 1, 1), "r", "c", zone)
        ]
