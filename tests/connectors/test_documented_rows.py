"""Rows that the connectors' page tells to copy have as many cells as their table has columns."""

import csv
from pathlib import Path

from orchestration.registry.tables import columns

PAGE = Path(__file__).parents[2] / "docs" / "connectors.md"


def documented() -> list[tuple[str, list[str]]]:
    """Return each row of the page's CSV blocks with the table that it is for."""
    blocks = PAGE.read_text(encoding="utf-8").split("```csv\n")[1:]
    found = []
    for line in "\n".join(block.split("\n```")[0] for block in blocks).splitlines():
        if line.startswith("# "):
            table = line.removeprefix("# ").removesuffix(".csv")
        else:
            found += [(table, row) for row in csv.reader([line])]
    return found


def test_rows_to_copy_have_a_cell_for_each_column() -> None:
    rows = documented()
    assert {table for table, _ in rows} == {"sources", "tracking_plan"}
    assert [row for table, row in rows if len(row) != len(columns(table))] == []
