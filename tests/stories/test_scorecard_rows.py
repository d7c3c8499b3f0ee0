"""The rule of each verdict follows from the states that its own row of `kpi_scorecard` holds."""

import re
from typing import Any

import duckdb

from orchestration.workspace import Workspace

Row = dict[str, Any]

# what a reading tells, and what the row must hold for it to be true
OBSTACLES = {
    "no chart is kept": lambda row: row["limit_state"] == "no_chart",
    "no period of it is complete yet": lambda row: (
        row["lead_period_start_date"] is None and not row["has_usable_period"]
    ),
    "has not sent anything yet": lambda row: row["limit_state"] == "no_data",
    "nothing of it has been received yet": lambda row: row["limit_state"] == "no_data",
    "too few people stand behind it": lambda row: row["is_suppressed"],
    "all its values were the same": lambda row: row["limit_state"] == "degenerate",
    "its limits are provisional": lambda row: row["limit_state"] == "provisional",
    "limits need 8 to be drawn": lambda row: row["limit_state"] == "learning",
    "none of its four latest complete periods": lambda row: (
        row["limit_state"] == "locked" and not row["has_usable_period"]
    ),
}


def scorecard(workspace: Workspace) -> list[Row]:
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as connection:
        cursor = connection.execute("select * from kpi_scorecard")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def pair_rule(row: Row) -> int:
    """Rows 2 to 10 of the decision table by hand."""
    states = [said.split("=")[1] for said in (row["balance_states"] or "").split("; ") if said]
    improved, worsened = row["signal"] == "improved", row["signal"] == "worsened"
    breached = "breached" in states
    matches = [
        row["trust_grade"] in ("C", "D"),
        row["limit_state"] != "locked" or row["is_suppressed"] or not row["has_usable_period"],
        improved and breached,
        improved and (not states or set(states) != {"held"}),
        improved,
        worsened and breached,
        worsened,
        breached,
        True,
    ]
    return matches.index(True) + 2


def told(row: Row) -> list[str]:
    return [words for words in OBSTACLES if words in row["reading"]]


def test_every_rule_follows_from_the_states_beside_it(published_sample: Workspace) -> None:
    rows = scorecard(published_sample)
    wrong = [
        (row["kpi_id"], row["week_start_date"], row["rule_number"], row["limit_state"])
        for row in rows
        if row["pair_rule_number"] != pair_rule(row)
        or row["rule_number"] != (1 if row["is_tripped"] else pair_rule(row))
    ]
    assert wrong == []
    assert {row["limit_state"] for row in rows} >= {"locked", "provisional", "learning"}


def test_no_reading_tells_an_obstacle_that_its_row_contradicts(published_sample: Workspace) -> None:
    rows = scorecard(published_sample)
    assert any(row["pair_rule_number"] == 3 for row in rows)
    for row in rows:
        words = told(row)
        assert len(words) == (row["pair_rule_number"] == 3), row["reading"]
        assert all(OBSTACLES[said](row) for said in words), (row["limit_state"], row["reading"])
        for count, most in re.findall(r"provisional, (\d+) of (\d+) usable", row["reading"]):
            assert 8 <= int(count) < int(most), row["reading"]
        for count in re.findall(r"(\d+) usable periods so far, and limits need", row["reading"]):
            assert int(count) < 8, row["reading"]
