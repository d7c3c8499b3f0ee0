"""Which entries of the catalogue the sample organisation computes, and that each has its own."""

import csv
from datetime import date
from itertools import combinations
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


LEAST_PERIODS = 16
"""Ripe periods in which an entry has a value at least, where sixty weeks hold so many."""
LEAST_LOST = 1
"""Periods that may lack a value where sixty weeks hold fewer: a start, or one that is hidden."""
LEAST_SHARED = 4
"""Periods that two metrics must share to be found equal: the year has four quarters."""

Series = dict[tuple[str, str], dict[date, float]]


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


def original_entries() -> dict[str, set[str]]:
    """Entries by what they are another name of; most are their own."""
    return {
        entry: set(filter(None, row["alias_of"].split(";"))) or {entry}
        for entry, row in entry_ids().items()
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


@pytest.fixture(scope="module")
def series(published_sample: Workspace) -> Series:
    """Ripe values by product and metric, for metrics that name entries, by their natural period."""
    path = str(published_sample.publish / "marts.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        values = connection.execute(
            "select product_id, metric_id, period_start_date, value from marts.fct_metric_values "
            "inner join marts.dim_metrics using (metric_id) where period_grain = natural_period "
            "and segment_type = 'all' and is_ripe and value is not null"
        ).fetchall()
    named = named_by()
    found: Series = {}
    for product, metric, week, value in values:
        if metric in named:
            found.setdefault((product, metric), {})[week] = value
    return found


def same_figures(series: Series, entries: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return pairs of metrics of different entries that say the same in all periods that both have.

    What does not move may be equal by chance: both must move in the periods that they share.
    """
    found = []
    for (first, left), (second, right) in combinations(series.items(), 2):
        shared = left.keys() & right.keys()
        moves = len(shared) >= LEAST_SHARED and len({left[week] for week in shared}) > 1
        is_equal = moves and all(left[w] == pytest.approx(right[w], rel=1e-9) for w in shared)
        if is_equal and not entries[first[1]] & entries[second[1]]:
            found.append((first[1], second[1]))
    return found


def never_moving(series: Series) -> set[str]:
    """Return the entries whose metrics all have one value in every period."""
    named = named_by()
    moving: dict[str, bool] = {}
    for (_, metric), values in series.items():
        for entry in named[metric]:
            moving[entry] = moving.get(entry, False) or len(set(values.values())) > 1
    return {entry for entry, moves in moving.items() if not moves}


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
    originals = original_entries()
    torn = {
        metric: entries
        for metric, entries in named_by().items()
        if len(set().union(*(originals[entry] for entry in entries))) > 1
    }
    assert torn == {}


def test_no_two_entries_have_the_same_figures(series: Series) -> None:
    originals = original_entries()
    entries = {
        metric: set[str]().union(*(originals[entry] for entry in named))
        for metric, named in named_by().items()
    }
    assert same_figures(series, entries) == []
    # and a metric that is served once more under another entry's name is found
    (product, metric), values = next(iter(series.items()))
    again = {(product, "copy"): values} | series
    assert (("copy", metric)) in same_figures(again, entries | {"copy": {"M000"}})


def short_of_periods(series: Series, ripe: dict[tuple[str, str], int]) -> dict[str, int]:
    """Return entries with too few values in every product that computes them, and the most."""
    named = named_by()
    most: dict[str, int] = {}
    enough = set()
    for (product, metric), values in series.items():
        for entry in named[metric]:
            most[entry] = max(most.get(entry, 0), len(values))
            if len(values) >= min(LEAST_PERIODS, ripe[product, metric] - LEAST_LOST):
                enough.add(entry)
    return {entry: count for entry, count in most.items() if entry not in enough}


def test_every_entry_computed_has_values_in_sixteen_ripe_periods_or_all_that_the_weeks_hold(
    series: Series, published_sample: Workspace
) -> None:
    path = str(published_sample.publish / "marts.duckdb")
    with duckdb.connect(path, read_only=True) as connection:
        counted = connection.execute(
            "select product_id, metric_id, count(*) from marts.fct_metric_values "
            "inner join marts.dim_metrics using (metric_id) where period_grain = natural_period "
            "and segment_type = 'all' and is_ripe group by all"
        ).fetchall()
    ripe = {(product, metric): count for product, metric, count in counted}
    assert short_of_periods(series, ripe) == {}
    # and an entry that lacks most of its periods is found
    entry = named_by()["time_to_publish"][0]
    few = {key: dict(list(values.items())[:5]) for key, values in series.items()}
    assert short_of_periods(few, ripe)[entry] == 5


def test_every_entry_computed_moves(series: Series, catalogue: list[dict[str, str]]) -> None:
    assert never_moving(series) == set()
    # entries that diagnostics alone make have tables, not a figure
    tables = {row["diagnostic_id"] for row in rows("seeds/sample/diagnostics.csv")}
    whole = {
        row["entry_id"] for row in catalogue
        if row["status"] == "computed" and not set(row["metric_ids"].split(";")) <= tables
    }  # fmt: skip
    told = {entry for _, metric in series for entry in named_by()[metric]}
    divided = {entry["catalogue_id"] for entry in entry_ids().values() if entry["part"]}
    aliases = {entry for entry, row in entry_ids().items() if row["alias_of"]}
    assert whole - told - divided - aliases == set()


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
