"""Which entries of the catalogue the sample organisation computes, and that each has its own."""

import csv
from pathlib import Path

import duckdb
import pytest

from orchestration.coverage import describe
from orchestration.workspace import Workspace
from tests.oracles.known import known_diagnostics, known_metrics

PROJECT = Path(__file__).parents[2]

METRICS, BALANCES = 137, 28
METRICS_COMPUTED, BALANCES_COMPUTED = 125, 25
"""What the sample organisation computes at least; what is left is design of impact, or a rule."""


def rows(path: str) -> list[dict[str, str]]:
    with (PROJECT / path).open(newline="", encoding="utf-8") as handle:
        # a cell that is left out at the end of a record is blank
        return list(csv.DictReader(handle, restval=""))


def entry_ids() -> dict[str, dict[str, str]]:
    return {row["catalogue_id"] + row["part"]: row for row in rows("seeds/reference/catalogue.csv")}


def named_by() -> dict[str, list[str]]:
    """Entries that each metric and diagnostic of the sample names."""
    tables = (("metrics", "metric_id"), ("diagnostics", "diagnostic_id"))
    return {
        row[key]: [entry.strip() for entry in row["catalogue_ids"].split(";")]
        for table, key in tables
        for row in rows(f"seeds/sample/{table}.csv")
        if row["catalogue_ids"]
    }


@pytest.fixture(scope="module")
def catalogue(published_sample: Workspace) -> list[dict[str, str]]:
    path = str(published_sample.publish / "marts.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        cursor = connection.execute("select * from marts.dim_catalogue order by entry_id")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def computed(catalogue: list[dict[str, str]], row_type: str) -> list[str]:
    return [
        row["entry_id"]
        for row in catalogue
        if row["row_type"] == row_type and row["part"] == "" and row["status"] == "computed"
    ]


def test_the_catalogue_has_all_its_entries_once() -> None:
    whole = [row for row in entry_ids().values() if row["part"] == ""]
    assert sum(row["row_type"] == "metric" for row in whole) == METRICS
    assert sum(row["row_type"] == "balancing" for row in whole) == BALANCES
    assert len(entry_ids()) == len(rows("seeds/reference/catalogue.csv"))
    # a comma in a reason wants quotation marks
    assert {len(row) for row in rows("seeds/reference/catalogue.csv")} == {8}


def test_the_sample_computes_as_much_of_the_catalogue_as_it_is_said_to(
    catalogue: list[dict[str, str]],
) -> None:
    assert len(computed(catalogue, "metric")) >= METRICS_COMPUTED
    assert len(computed(catalogue, "balancing")) >= BALANCES_COMPUTED


def test_every_entry_is_computed_by_named_metrics_or_has_a_reason(
    catalogue: list[dict[str, str]],
) -> None:
    for row in catalogue:
        has_metrics, has_reason = bool(row["metric_ids"]), bool(row["reason"])
        assert has_metrics if row["status"] == "computed" else has_reason, row["entry_id"]


def test_no_metric_stands_for_two_entries_that_are_not_the_same() -> None:
    originals = {
        entry: set(filter(None, row["alias_of"].split(";"))) or {entry}
        for entry, row in entry_ids().items()
    }
    torn = {
        metric: entries
        for metric, entries in named_by().items()
        if len(set().union(*(originals[entry] for entry in entries))) > 1
    }
    assert torn == {}


def test_the_oracle_knows_every_metric_that_an_entry_counts_by() -> None:
    tables = ("metrics", "measures", "diagnostics")
    registry = {table: rows(f"seeds/sample/{table}.csv") for table in tables}
    known = known_metrics(registry) | known_diagnostics(registry)
    assert set(named_by()) - known == set()


def test_metrics_name_entries_of_the_catalogue_and_their_parts_where_there_are_parts() -> None:
    known = entry_ids()
    divided = {entry["catalogue_id"] for entry in known.values() if entry["part"]}
    wrong = {
        metric: entry
        for metric, entries in named_by().items()
        for entry in entries
        if entry not in known or entry in divided
    }
    assert wrong == {}


def test_the_coverage_report_counts_what_it_lists(published_sample: Workspace) -> None:
    lines = describe(published_sample).splitlines()
    listed = [line.split() for line in lines if line[:1] in "MB" and line[1:4].isdigit()]
    for letter, label in (("M", "Metrics"), ("B", "Balances and tripwires")):
        entries = [words for words in listed if words[0][0] == letter and len(words[0]) == 4]
        count = sum(words[1] == "computed" for words in entries)
        assert f"{label}: {count} of {len(entries)} computed" in lines
