"""Findings name lines of the landing zone that are their own defect, and tell of no people."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.defs.judge.contract_checks import COLUMNS as CONTRACT_COLUMNS
from orchestration.defs.judge.evidence import write_evidence
from tests.sql import render_model
from tests.unit.instruments_defects import BROKEN_AT, DEFECTS, is_one_in_four, records
from tests.unit.instruments_warehouse import week_of

Event = dict[str, Any]
MOST = 10


def of_type(activity: str) -> Callable[[Event], bool]:
    return lambda row: row["event_type"] == f"ticket.{activity}" and row["occurred_at"] >= BROKEN_AT


def copied(reason: str) -> Callable[[Event], bool]:
    return lambda row: row["reason"] == reason


# source, check: which of the source's lines are the defect
WRONG: dict[tuple[str, int], Callable[[Event], bool]] = {
    ("redelivered", 1): copied("same_id"),
    ("on two ingress paths", 2): copied("same_business_key"),
    ("sent again under new ids", 2): lambda row: row["event_id"].endswith("b"),
    ("twice within a second", 2): lambda row: row["event_id"].endswith("b"),
    ("ids used again", 3): copied("same_id_other_payload"),
    ("openings not sent", 4): lambda row: of_type("closed")(row) and is_one_in_four(row),
    ("closings not sent", 5): of_type("opened"),
    ("closed before opened", 5): lambda row: of_type("opened")(row) and is_one_in_four(row),
    ("closed before opened", 6): lambda row: of_type("closed")(row) and is_one_in_four(row),
    ("closed when opened", 7): of_type("opened"),
    ("closed on the hour", 8): of_type("closed"),
    ("a minute ahead", 9): lambda row: row["received_at"] < row["occurred_at"],
    ("openings a minute ahead", 9): lambda row: row["received_at"] < row["occurred_at"],
    ("three hours ahead", 9): lambda row: row["received_at"] < row["occurred_at"],
    ("five hours late", 10): lambda row: row["received_at"] > row["occurred_at"] + HOUR,
    ("without required property", 12): lambda row: row["data"] == "{}",
    ("seconds as texts", 12): lambda row: " s" in row["data"],
    ("seconds as milliseconds", 12): lambda row: "000" in row["data"],
    ("with a new property", 12): lambda row: "shift" in row["data"],
    ("mistyped", 12): lambda row: row["classification"] == "quarantined",
    ("torn lines", 12): lambda row: row["reason"] == "invalid_json",
    ("without actors", 16): lambda row: row["actor_id"] is None,
    ("renamed type", 18): lambda row: row["classification"] == "quarantined",
    # one ticket in four is lost with both its events: the next one's opening comes after the gap
    ("numbered events lost", 20): lambda row: (
        of_type("opened")(row) and int(row["subject_id"].split()[1]) % 4 == 1
    ),
}
HOUR = timedelta(hours=1)
PEOPLE = "source_id varchar, event_type varchar, least_people integer, is_hidden boolean"
PROMISES = (
    "dataset varchar, event_type varchar, week_start_date date, expectation varchar, "
    "severity integer, element_count bigint"
)


@pytest.fixture
def warehouse(judged_defects: Path, tmp_path: Path) -> Path:
    """Return a copy of the judged warehouse with what else the examples are made of."""
    copy = tmp_path / "w.duckdb"
    copy.write_bytes(judged_defects.read_bytes())
    contracts = ", ".join(f"{name} {kind}" for name, kind in CONTRACT_COLUMNS.items())
    with duckdb.connect(str(copy)) as connection:
        for schema in ("metrics", "marts", "landing"):
            connection.execute(f"create schema {schema}")
        connection.execute(f"create table metrics.int_person_event_types ({PEOPLE})")
        connection.execute(f"create table guard.contract_checks ({contracts})")
        connection.execute(f"create table marts.fct_contract_checks ({PROMISES})")
        connection.execute(
            "create table landing.landing_files as select distinct file_id, "
            "'cloudevents/' || file_id || '.jsonl' as path from intake.int_events_known"
        )
    return copy


def examples(warehouse: Path) -> list[Event]:
    """Return the served examples."""
    write_evidence(warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        checks = render_model("fct_instrument_checks")
        connection.execute(f"create or replace table marts.fct_instrument_checks as {checks}")
        for model in ("int_evidence_wanted", "int_evidence_places"):
            connection.execute(f"create or replace table marts.{model} as {render_model(model)}")
        cursor = connection.execute(f"from ({render_model('fct_check_examples')}) order by all")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def lines_of(warehouse: Path) -> list[Event]:
    """Return what lies where in the landing zone."""
    with duckdb.connect(str(warehouse)) as connection:
        cursor = connection.execute(
            "select path, line_number, event_type, reason from intake.int_events_known "
            "join landing.landing_files using (file_id) union all "
            "select path, line_number, '*', reason from intake.int_lines_unread "
            "join landing.landing_files using (file_id)"
        )
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def served(warehouse: Path) -> Iterator[list[Event]]:
    yield examples(warehouse)


def test_each_example_is_a_line_that_its_defect_touched_and_as_many_as_there_are(
    served: list[Event],
) -> None:
    found: dict[tuple, list[Event]] = {}
    for row in served:
        key = (row["source_id"], row["check_id"], row["event_type"], row["week_start_date"])
        found.setdefault(key, []).append(row)
    events = records().events
    for (source_id, check_id, event_type, week), rows in found.items():
        if week < week_of(BROKEN_AT):
            continue
        is_wrong = WRONG[source_id, check_id]
        lines = {
            row["line_number"]
            for row in events
            if row["source_id"] == source_id
            and is_wrong(row)
            and row["occurred_week_start_date"] == week
            and (check_id in (5, 7) or event_type in ("*", row["event_type"]))
        }
        assert {row["line_number"] for row in rows} <= lines, (source_id, check_id, week)
        assert len(rows) == min(MOST, len(lines)), (source_id, check_id, week)
        assert {row["path"] for row in rows} == {f"cloudevents/{source_id}.jsonl"}
        assert [row["example_number"] for row in rows] == list(range(1, len(rows) + 1))
    assert {key[:2] for key in found} == set(WRONG)


def test_checks_on_people_on_metrics_and_on_what_never_came_have_no_examples(
    served: list[Event],
) -> None:
    fired = {check for _, checks in DEFECTS.values() for check in checks}
    assert fired - {row["check_id"] for row in served} == {11, 13, 15}


def test_a_copy_in_another_week_or_of_another_type_is_no_example(warehouse: Path) -> None:
    before = examples(warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        for change in ("counted_week_start_date - 28 as counted_week_start_date",
                       "'ticket.lost' as event_type"):  # fmt: skip
            connection.execute(
                f"insert into intake.int_events_known select * replace ({change}, "
                "line_number - 100000 as line_number) from intake.int_events_known "
                "where classification = 'duplicate'"
            )
    assert examples(warehouse) == before


@pytest.mark.parametrize("secret", [("ticket.closed",), ("ticket.opened",), ("*",)])
def test_no_example_is_of_events_by_which_hidden_people_are_counted(
    warehouse: Path, secret: tuple[str, ...]
) -> None:
    places = {(row["path"], row["line_number"]): row["event_type"] for row in lines_of(warehouse)}
    before = lines_by_finding(examples(warehouse), places)
    assert any(secret[0] in (key[1], *types) for key, types in before.items())
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into metrics.int_person_event_types "
            "select distinct source_id, unnest(?), 5, true from intake.int_events_known",
            [list(secret)],
        )
    told = lines_by_finding(examples(warehouse), places)
    # a finding has all of its lines or none: those left out could be counted
    assert told == {
        key: types for key, types in before.items() if secret[0] not in (key[1], *types)
    }
    if secret == ("ticket.opened",):
        mixed = {key for key, types in before.items() if len(set(types)) > 1}
        assert mixed and not mixed & told.keys()


def lines_by_finding(rows: list[Event], places: dict[tuple, str]) -> dict[tuple, list[str]]:
    """Return the types of the lines of each finding."""
    found: dict[tuple, list[str]] = {}
    for row in rows:
        key = (row["source_id"], row["event_type"], row["week_start_date"], row["check_id"])
        found.setdefault(key, []).append(places[row["path"], row["line_number"]])
    return found


def test_no_example_is_of_a_check_on_fewer_events_than_people_are_needed(warehouse: Path) -> None:
    counted = {(row["source_id"], row["week_start_date"]) for row in examples(warehouse)}
    assert counted
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into metrics.int_person_event_types "
            "select distinct source_id, event_type, 1000, false from guard.instrument_checks"
        )
    assert examples(warehouse) == []


def test_what_broke_a_promise_is_found_by_its_line_where_it_has_no_id_of_its_own(
    warehouse: Path,
) -> None:
    week = week_of(BROKEN_AT)
    with duckdb.connect(str(warehouse)) as connection:
        for source_id, clause, is_quarantined in (
            ("mistyped", "envelope", True), ("ids used again", "unique_id", False),
            ("redelivered", "delivered_once", False),
        ):  # fmt: skip
            connection.execute(
                "insert into guard.contract_checks by name "
                "select source_id, event_type, occurred_week_start_date as week_start_date, "
                "? as clause, ? as expectation, 2 as severity, to_json(min(if(?, file_id || ':' "
                "|| line_number || ':' || event_number, event_id), 10)) as evidence "
                "from intake.int_events_known where source_id = ? and reason is not null "
                "and occurred_week_start_date = ? group by all",
                [clause, clause, is_quarantined, source_id, week],
            )
        connection.execute(
            "insert into marts.fct_contract_checks select 'source/' || source_id, event_type, "
            "week_start_date, expectation, severity, if(event_type = 'ticket.opened', 14, null) "
            "from guard.contract_checks"
        )
    found = [row for row in examples(warehouse) if row["check_id"] is None]
    # closings are hidden here
    assert {(row["source_id"], row["event_type"], row["expectation"]) for row in found} == {
        ("mistyped", "ticket.opened", "envelope"),
        ("ids used again", "ticket.opened", "unique_id"),
        ("redelivered", "ticket.opened", "delivered_once"),
    }
    reasons = {(row["path"], row["line_number"]): row["reason"] for row in lines_of(warehouse)}
    assert len(found) == 3 * MOST
    assert {reasons[row["path"], row["line_number"]] for row in found} == {
        "mistyped_attribute", "same_id_other_payload", "same_id",
    }  # fmt: skip
