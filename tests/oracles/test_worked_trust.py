"""Rows that lower and take back: the oracle and the registry agree on what then holds."""

import random
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestration.registry.tables import Row, Table, columns
from orchestration.registry.trust_rules import check_trust_overrides, holding
from tests.oracles.agreement import as_text
from tests.oracles.oracle_events import read_registry
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.oracle_trust import Trust

NAME, MONDAY, WEEK = "trust_overrides", date(2026, 3, 2), timedelta(weeks=1)


def oracle_trust(rows: list[dict[str, str]]) -> Trust:
    return Trust(cast(Oracle, SimpleNamespace(registry={NAME: rows}, events=[])), [])


def drawn_rows(rng: random.Random) -> Table:
    """Return rows of one source, so that many are equal, as far as the registry allows them."""
    table = Table(NAME)
    for line in range(2, 40):
        values: dict[str, Any] = dict.fromkeys(columns(NAME)) | {
            "source_id": "s", "grade": rng.choice("BCD"), "from_week_date": MONDAY, "reason": "x",
        }  # fmt: skip
        if table.rows and rng.random() < 0.6:
            asked = rng.choice(table.rows)
            values |= {"grade": asked.values["grade"],
                       "restored_from_week_date": MONDAY + rng.randrange(8) * WEEK,
                       "restored_line": rng.choice([asked.line, asked.line, None])}  # fmt: skip
        elif rng.random() < 0.5:
            values["to_week_date"] = MONDAY + rng.randrange(8) * WEEK
        table.rows.append(Row(NAME, line, values))
        if list(check_trust_overrides({NAME: table})):
            table.rows.pop()
    return table


def test_what_holds_of_drawn_rows_is_the_oracles() -> None:
    equal_rows_apart = 0
    for seed in range(60):
        table = drawn_rows(random.Random(seed))
        trust = oracle_trust(
            [{name: as_text(value) for name, value in row.values.items()}
             | {"registry_line": str(row.line)} for row in table.rows]
        )  # fmt: skip
        held = holding(table).rows
        equal_rows_apart += len(held) > len({row.values["grade"] for row in held})
        for week in (MONDAY + number * WEEK for number in range(-1, 10)):
            grades = [
                row.values["grade"] for row in held
                if row.values["from_week_date"] <= week
                and week <= (row.values["to_week_date"] or date.max)
            ]  # fmt: skip
            assert trust._lowered(week, source_id="s") == max(grades, default="A"), (seed, week)
    assert equal_rows_apart > 10


@pytest.mark.parametrize(("line", "weeks"), [("2", [0, 1, 2, 3, 4, 5]), ("5", [0, 1, 2])])
def test_the_oracle_takes_back_the_line_that_the_file_names(
    tmp_path: Path, line: str, weeks: list[int]
) -> None:
    end = MONDAY + 5 * WEEK
    (tmp_path / f"{NAME}.csv").write_text(
        f"{','.join(columns(NAME))}\n"
        f",,s,C,{MONDAY},,ran twice,,\n"
        f',,s,C,{MONDAY},,"mended,\nbut for",{MONDAY + 3 * WEEK},2\n'
        f",,s,C,{MONDAY},{end},ran twice,,\n"
        f",,s,C,{MONDAY},,none,{MONDAY},{line}\n"
    )
    rows = read_registry(tmp_path)[NAME]
    assert [row["registry_line"] for row in rows] == ["2", "3", "5", "6"]
    trust = oracle_trust(rows)
    asked = range(8)
    held = [n for n in asked if trust._lowered(MONDAY + n * WEEK, source_id="s") == "C"]
    assert held == weeks
