"""What the macros of the marts make of names, words and weeks."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from orchestration.addresses import without_addresses
from tests.sql import render
from tests.unit.mart_world import MONDAY


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("expense-tool claim.jane.doe@corp.example", "expense-tool (address)"),
        ("cloudevents/jane@corp.example", "cloudevents/(address)"),
        ("//a@b.example/x and c@d.example", "//(address)/x and (address)"),
        ("urn:cms page.published", "urn:cms page.published"),
        ("two @ three", "two @ three"),
        ("ask (jo@corp.example) of (cms jo@corp.example)", "ask (address) of (cms (address))"),
        ("(jo@corp.example of cms)", "((address) of cms)"),
        ("jo(cms)@corp.example", "(address)"),
    ],
)
def test_an_address_is_not_shown_in_names_that_were_set_aside(text: str, shown: str) -> None:
    with duckdb.connect() as connection:
        shown_name = render("{{ without_addresses('name') }}")
        asked = f"select {shown_name} from (select ? as name)"
        assert connection.execute(asked, [text]).fetchall() == [(shown,)]
    assert without_addresses(text) == shown


@pytest.mark.parametrize("unit", ["month", "quarter"])
def test_a_week_belongs_to_the_month_and_quarter_of_its_thursday(unit: str) -> None:
    size = 3 if unit == "quarter" else 1
    weeks = [MONDAY + timedelta(weeks=number) for number in range(200)]
    thursdays = [week + timedelta(days=3) for week in weeks]
    of_week = [(day.year, (day.month - 1) // size) for day in thursdays]
    first = {period: weeks[of_week.index(period)] for period in of_week}
    length = {period: 7 * of_week.count(period) for period in of_week}
    start = render(f"{{{{ calendar_period_start('week', '{unit}') }}}}")
    days = render(f"{{{{ period_days(\"'{unit}'\", 'start') }}}}")
    asked = f"select week, {start} as start from (select unnest(?::date[]) as week)"
    with duckdb.connect() as connection:
        rows = connection.execute(f"select week, start, {days} from ({asked})", [weeks]).fetchall()
    expected = {
        week: (first[period], length[period]) for week, period in zip(weeks, of_week, strict=True)
    }
    # the last of the weeks may not be all of their period
    found = {week: (start, days) for week, start, days in rows}
    assert [found[week] for week in weeks[:180]] == [expected[week] for week in weeks[:180]]


def said(expression: str, **words: Any) -> Any:
    columns = ", ".join(f"${name} as {name}" for name in words)
    with duckdb.connect() as connection:
        (row,) = connection.execute(
            f"select {render(expression)} from (select {columns})", words
        ).fetchall()
    return row[0]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [("2.7 days", "1.7 days", "2.7"), ("20 h", "1.3 days", "20 h"), ("5", "7", "5"),
     ("0.31 tickets per user-week", "0.2 tickets per user-week", "0.31")],
)  # fmt: skip
def test_a_unit_is_said_once(before: str, after: str, words: str) -> None:
    assert said("{{ without_unit('b', 'a') }}", b=before, a=after) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [("Mean time to publish", "mean time to publish"), ("MTBF", "MTBF"), ("SPM here", "SPM here")],
)
def test_a_name_within_a_sentence_begins_small_unless_it_is_an_abbreviation(
    name: str, words: str
) -> None:
    assert said("{{ lower_first('name') }}", name=name) == words


def test_a_missing_word_does_not_blank_the_reading() -> None:
    slots = ("moved", "before_words", "from_words", "after_words", "since", "breached",
             "unresolved", "held", "why", "trust", "trusted",
             "unreadable")  # fmt: skip
    words = dict.fromkeys(slots, "x") | {"lead_words": "Time", "trust": None}
    template = "{Lead} {moved} from {from} to {after}: {trust}."
    assert said("{{ filled_reading('t') }}", t=template, **words) == "Time x from x to x: ."


def test_a_hashed_id_needs_the_workspaces_key_to_be_guessed() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema registry")
        connection.execute("create table registry.settings (setting varchar, value varchar)")
        expression = render("select {{ hashed_id(\"'item'\") }}")
        (plain,) = connection.execute(expression).fetchall()
        connection.execute("insert into registry.settings values ('hash_key', 'secret')")
        (keyed,) = connection.execute(expression).fetchall()
    assert plain != keyed
