"""Every expectation says which metrics would be wrong if it is broken, and in which direction."""

import csv
import re
from collections.abc import Iterator

import pytest

from expectations.suites.clauses import CLAUSES
from expectations.suites.families import FAMILIES
from expectations.suites.marts import mart_suite
from expectations.suites.sources import source_suite
from orchestration.defs.publish.contracts import read_contracts
from tests.unit.instruments_warehouse import ROOT

METRICS = re.compile(
    r"\b(metrics?|durations?|shares?|counts?|rates?|ratios?|retention|conversion|coverage|adoption"
    r"|verdicts?|KPIs?|effects? of|delivery measures|[Tt]ime to restore)\b",
    re.IGNORECASE,
)
"""What a note may call metrics: families of them, or what is made of a table."""
DIRECTIONS = re.compile(
    r"too (low|high|long|short|wide|narrow|often|seldom)\b|better|No value is wrong"
)
"""`No value is wrong` is one: what is broken then is that something is shown at all."""


def notes() -> Iterator[tuple[str, str]]:
    """Return every note with the name of what it belongs to."""
    thresholds = ROOT / "seeds" / "defaults" / "check_thresholds.csv"
    with thresholds.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert None not in row, "a note with a comma needs quotation marks"
            yield f"check {row['check_id']}", row["note"]
    for expectation in source_suite("portal").expectations:
        yield f"source: {expectation.meta['clause']}", str(expectation.notes)
    for contract in read_contracts():
        suite = mart_suite(contract.name, contract.grain, [c.name for c in contract.columns])
        for expectation in suite.expectations:
            yield f"{contract.name}: {expectation.meta['said']}", str(expectation.notes)


ALL = dict(notes())


@pytest.mark.parametrize("name", ALL)
def test_a_note_names_metrics_and_their_direction_in_one_sentence(name: str) -> None:
    sentences = re.split(r"(?<=\.) ", ALL[name])
    assert [s for s in sentences if METRICS.search(s) and DIRECTIONS.search(s)], ALL[name]


def test_notes_of_all_suites_were_read() -> None:
    assert len(ALL) > 150
    assert {name.partition(":")[0] for name in ALL} >= {
        *(f"check {number}" for number in range(1, 21)), "source", *FAMILIES,
    }  # fmt: skip
    assert sum(name.startswith("source:") for name in ALL) == len(CLAUSES)


def test_no_table_that_is_gone_is_spoken_of() -> None:
    # of a new one the notes say `metrics made of` it
    assert set(FAMILIES) <= {contract.name for contract in read_contracts()}
