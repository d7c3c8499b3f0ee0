"""A file of which nothing can be read counts against the sources of the files beside it."""

from datetime import date, datetime
from typing import Any

import duckdb
import pytest

from tests.sql import render_model
from tests.unit.instruments_warehouse import FILE_COLUMNS, FILE_SOURCE_COLUMNS

FIRST, SECOND, THIRD = date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)
AS_OF = datetime(2026, 3, 20)
FOLDER = "cloudevents/desk/"


def file(name: str, **changes: Any) -> dict[str, Any]:
    """Return a file of the landing zone that could be read."""
    good = {"path": FOLDER + name, "connector": "cloudevents", "file_status": "loaded"}
    return good | {"problem": None, "line_count": 100, **changes}


def broken(name: str = "m.jsonl", lines: int = 10, **changes: Any) -> dict[str, Any]:
    """Return a file that couldn't, between others by its name."""
    bad = {"file_status": "quarantined", "problem": "wrong_format", "line_count": lines}
    return file(name, **{**bad, **changes})


def sent(name: str, source_id: str, count: int, first: int, last: int) -> tuple:
    """Return what a file brought of a source, from one day of March 2026 to another."""
    return FOLDER + name, source_id, count, datetime(2026, 3, first), datetime(2026, 3, last)


def unread(
    files: list[dict[str, Any]],
    counted: list[tuple],
    lines: list[str] = [],  # noqa: B006
    told: list[str | None] | None = None,
) -> list[tuple]:
    """Return path, source, week and lines of what is found.

    `lines` are paths of lines without a week, `told` the sources that they name.
    """
    with duckdb.connect() as connection:
        for schema in ("intake", "landing", "registry", "instruments"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table registry.run_context as "
            "select 'UTC' as reporting_time_zone, ?::timestamp as as_of_at", [AS_OF]
        )  # fmt: skip
        connection.execute(
            "create table registry.sources as from (values ('desk-app', 'cloudevents', 'desk'), "
            "('desk-web', 'cloudevents', 'desk'), ('tickets', 'servicenow', 'help')) "
            "as _(source_id, connector, product_id)"
        )
        for table, columns in (
            ("landing.landing_files", FILE_COLUMNS),
            ("intake.int_file_sources_counted", FILE_SOURCE_COLUMNS),
        ):
            typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table {table} ({typed})")
        for row in files:
            connection.execute(
                f"insert into landing.landing_files (file_id, {', '.join(row)}) "
                f"values ({', '.join('?' * (len(row) + 1))})",
                [row["path"], *row.values()],
            )
        for values in counted:
            connection.execute(
                "insert into intake.int_file_sources_counted values (?, ?, ?, ?, ?)", values
            )
        connection.execute(
            "create table intake.int_lines_unread as select unnest(?::varchar[]) as file_id, "
            "unnest(?::varchar[]) as source_id, null::date as week_start_date",
            [lines, told or [None for _ in lines]],
        )  # fmt: skip
        connection.execute(
            "create table instruments.int_source_days_counted as from (values "
            "('desk-app', '2026-03-02'::date), ('desk-app', '2026-03-09'::date), "
            "('tickets', '2026-03-02'::date)) as _(source_id, week_start_date)"
        )
        lost = render_model("int_instrument_files_lost")
        connection.execute(f"create view instruments.int_instrument_files_lost as {lost}")
        model = render_model("int_instrument_files_unread")
        return connection.execute(
            "select path.replace(?, ''), source_id, week_start_date, line_count "
            f"from ({model}) order by all",
            [FOLDER],
        ).fetchall()


def test_it_is_of_the_time_between_the_files_beside_it_and_of_the_sources_before_it() -> None:
    files = [file("a.jsonl"), broken(lines=40), file("z.jsonl")]
    counted = [
        sent("a.jsonl", "desk-app", 75, 2, 6),
        sent("a.jsonl", "desk-web", 25, 2, 8),
        sent("z.jsonl", "tickets", 9, 16, 18),
    ]
    assert unread(files, counted) == [
        ("m.jsonl", "desk-app", SECOND, 30),
        ("m.jsonl", "desk-web", SECOND, 10),
    ]


def test_the_latest_file_begins_when_the_one_before_it_ends_but_not_after_the_as_of() -> None:
    files = [file("a.jsonl"), broken()]
    assert unread(files, [sent("a.jsonl", "desk-app", 9, 2, 8)])[0][2] == SECOND
    assert unread(files, [sent("a.jsonl", "desk-app", 9, 2, 20)])[0][2] == THIRD


def test_the_first_file_is_of_the_week_in_which_the_next_one_begins() -> None:
    files = [broken("a.jsonl"), file("m.jsonl"), file("z.jsonl")]
    counted = [sent("z.jsonl", "desk-web", 9, 17, 18), sent("m.jsonl", "desk-app", 9, 9, 16)]
    assert unread(files, counted) == [("a.jsonl", "desk-app", SECOND, 10)]


def test_a_file_all_of_whose_lines_are_torn_is_no_better() -> None:
    files = [file("a.jsonl"), file("m.jsonl", line_count=3)]
    counted = [sent("a.jsonl", "desk-app", 9, 2, 4)]
    found = unread(files, counted, [FOLDER + "m.jsonl"] * 3)
    assert found == [("m.jsonl", "desk-app", FIRST, 3)]


def test_lines_that_say_whose_they_are_take_the_week_alone_from_beside() -> None:
    files = [file("a.jsonl"), file("m.jsonl", line_count=3), file("z.jsonl")]
    counted = [sent("a.jsonl", "desk-app", 9, 2, 4), sent("z.jsonl", "desk-app", 9, 16, 18)]
    path = FOLDER + "m.jsonl"
    found = unread(files, counted, [path] * 3, ["desk-web", "desk-web", None])
    assert found == [("m.jsonl", "desk-app", SECOND, 1), ("m.jsonl", "desk-web", SECOND, 2)]
    alone = [file("m.jsonl", line_count=1)]
    assert unread(alone, [], [path], ["tickets"]) == [("m.jsonl", "tickets", FIRST, 1)]


def test_nothing_beside_it_the_registry_tells_whose_place_it_is() -> None:
    # a source that has sent nothing yet is withheld as it is
    assert unread([broken()], []) == [("m.jsonl", "desk-app", SECOND, 10)]
    export = broken(path="servicenow/tickets.csv", connector="servicenow", problem="wrong_header")
    assert unread([export], []) == [("servicenow/tickets.csv", "tickets", FIRST, 10)]


def test_another_folder_is_not_beside_it_and_what_nothing_tells_is_nobodys() -> None:
    elsewhere = broken(path="cloudevents/elsewhere/m.jsonl")
    counted = [sent("a.jsonl", "desk-app", 9, 2, 4)]
    assert unread([file("a.jsonl"), elsewhere], counted) == [
        ("cloudevents/elsewhere/m.jsonl", None, None, 10)
    ]


@pytest.mark.parametrize("problem", ["empty_file", "unclaimed_file"])
def test_an_empty_file_and_one_that_nobody_reads_have_lost_nothing(problem: str) -> None:
    counted = [sent("a.jsonl", "desk-app", 9, 2, 4)]
    assert unread([file("a.jsonl"), broken(problem=problem)], counted) == []


def test_a_file_whose_lines_can_t_be_counted_has_lost_one_at_least() -> None:
    counted = [sent("a.jsonl", "desk-app", 9, 2, 4), sent("a.jsonl", "desk-web", 1, 2, 4)]
    assert [row[3] for row in unread([file("a.jsonl"), broken(lines=0)], counted)] == [1, 1]
