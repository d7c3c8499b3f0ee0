"""Which weeks of people follow from longer periods, and which rosters go out: SQL and oracle."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.oracles.oracle_grid import ANCHOR, Week, periods
from tests.oracles.oracle_hiding import Place, Roster, going_out, telling
from tests.sql import render_model

LEAST = 5
JUDGED = (
    "product_id varchar, metric_id varchar, counted_metric_id varchar, period_grain varchar, "
    "period_start_date date, least_people integer, is_overlapping boolean, is_derived boolean, "
    "is_below boolean"
)
PERIOD_WEEKS = (
    "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date, "
    "week_start_date date, is_added boolean"
)
PEOPLE = "product_id varchar, metric_id varchar, week_start_date date, person_id varchar"
COHORTS = (
    "product_id varchar, metric_id varchar, week_start_date date, numerator double, "
    "denominator double"
)
ROSTERS = (
    "product_id varchar, metric_id varchar, week_start_date date, person_key varchar, sides varchar"
)
SAME = {
    "product_id": "desk", "metric_id": "using", "counted_metric_id": "using", "least_people": LEAST,
    "is_overlapping": False, "is_derived": False, "is_added": True,
}  # fmt: skip
People = dict[date, set[str]]


def create(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable) -> None:
    """Create a table and fill it; what a row leaves out is as in all of them."""
    names = [column.split()[0] for column in columns.split(", ")]
    connection.execute(f"create table {name} ({columns})")
    values: list[list[Any]] = [[(SAME | row).get(column) for column in names] for row in rows]
    if values:
        marks = ", ".join("?" * len(names))
        connection.executemany(f"insert into {name} values ({marks})", values)


def weeks_of(people: People) -> list[Week]:
    return [Week(start, is_ripe=True, is_provisional=False) for start in sorted(people)]


def below(people: People) -> set[Place]:
    """Return the periods of too few people."""
    told = periods(weeks_of(people))
    return {
        (p.grain, p.start) for p in told
        if len(set().union(*(people[week] for week in p.weeks))) < LEAST
    }  # fmt: skip


def places(people: People) -> set[Place]:
    """Return all periods."""
    return {(p.grain, p.start) for p in periods(weeks_of(people))}


def hidden_by_sql(people: People) -> set[Place]:
    told, few = list(periods(weeks_of(people))), below(people)
    named = [{"period_grain": p.grain, "period_start_date": p.start} for p in told]
    judged = [
        place | {"is_below": (p.grain, p.start) in few}
        for place, p in zip(named, told, strict=True)
    ]
    weeks = [
        place | {"week_start_date": week}
        for place, p in zip(named, told, strict=True)
        for week in p.weeks
    ]
    counted = [
        {"week_start_date": week, "person_id": who} for week, mine in people.items() for who in mine
    ]
    with duckdb.connect() as connection:
        connection.execute("create schema metrics")
        create(connection, "metrics.int_periods_judged", JUDGED, judged)
        create(connection, "metrics.int_metric_period_weeks", PERIOD_WEEKS, weeks)
        create(connection, "metrics.int_people_counted", PEOPLE, counted)
        create(connection, "metrics.int_cohort_weeks", COHORTS, [])
        model = render_model("int_person_periods_suppressed")
        rows = connection.execute(f"select period_grain, period_start_date from ({model})")
        return set(rows.fetchall())


def hidden_by_oracle(people: People) -> set[Place]:
    told, few = {(p.grain, p.start): p for p in periods(weeks_of(people))}, below(people)

    def is_crowd(weeks: Iterable[date]) -> bool:
        return len(set().union(*(people[week] for week in weeks))) >= LEAST

    return few | telling(told, few, is_crowd)


@pytest.mark.parametrize("seed", range(12))
def test_sql_hides_the_longer_periods_that_the_oracle_hides(seed: int) -> None:
    rng = random.Random(seed)
    first = ANCHOR + timedelta(weeks=rng.randrange(13))
    people: People = {
        first + timedelta(weeks=number): {f"p{rng.randrange(20)}" for _ in range(rng.choice(sizes))}
        for sizes in [rng.choice([(2, 9, 9), (3, 7, 12), (3, 4, 30)])]
        for number in range(45)
    }
    hidden = hidden_by_sql(people)
    assert hidden == hidden_by_oracle(people)
    # more than the few, and not all
    assert below(people) < hidden and any(grain != "week" for grain, _ in places(people) - hidden)


def test_two_hidden_weeks_of_enough_people_let_their_fortnight_be_shown_and_one_does_not() -> None:
    many = {f"p{number}" for number in range(9)}
    weeks = [ANCHOR + timedelta(weeks=number) for number in range(4)]
    people = dict(zip(weeks, [{"a", "b", "c"}, {"d", "e"}, {"a"}, many], strict=True))
    fortnights = {place for place in hidden_by_sql(people) if place[0] == "fortnight"}
    assert fortnights == {("fortnight", weeks[2])}
    assert ("four_weeks", weeks[0]) in hidden_by_sql(people)


# rosters


def shown_by_sql(rosters: dict[date, Roster]) -> set[date]:
    rows = [
        {"week_start_date": week, "person_key": who, "sides": f"{min(sides)}-{max(sides)}"}
        for week, roster in rosters.items()
        for who, sides in roster.items()
    ]
    with duckdb.connect() as connection:
        connection.execute("create schema metrics; create schema registry; create schema state")
        create(connection, "metrics.int_rosters", ROSTERS, rows)
        least = "metric_id varchar, least_people integer"
        create(connection, "metrics.int_metric_least_people", least, [{}])
        version = "metric_id varchar, metric_version integer"
        create(connection, "registry.metrics", version, [{"metric_version": 1}])
        context = {"run_id": "r", "as_of_at": ANCHOR}
        create(connection, "registry.run_context", "run_id varchar, as_of_at date", [context])
        create(connection, "state.publications", "run_id varchar", [])
        for model in ("int_published_rosters", "int_roster_weeks_shown"):
            connection.execute(f"create table metrics.{model} as {render_model(model)}")
        rows = connection.execute("select week_start_date from metrics.int_roster_weeks_shown")
        return {week for (week,) in rows.fetchall()}


@pytest.mark.parametrize("seed", range(6))
def test_sql_publishes_the_rosters_that_the_oracle_publishes(seed: int) -> None:
    rng = random.Random(seed)
    roster: Roster = {}
    rosters: dict[date, Roster] = {}
    for number in range(40):
        for _ in range(rng.choice([0, 1, 2, 6])):
            who = f"p{rng.randrange(14)}"
            sides = rng.choice(
                [set(), {"numerator"}, {"denominator"}, {"numerator", "denominator"}]
            )
            roster = {key: on for key, on in roster.items() if key != who}
            roster |= {who: frozenset(sides)} if sides else {}
        rosters[ANCHOR + timedelta(weeks=number)] = roster
    shown = shown_by_sql(rosters)
    assert shown == going_out(rosters, LEAST)
    assert 3 < len(shown) < 37


def test_a_roster_that_two_joined_waits_until_five_differ() -> None:
    both = frozenset({"numerator"})
    sizes = [7, 8, 9, 12, 12]
    rosters = {
        ANCHOR + timedelta(weeks=number): {f"p{n}": both for n in range(size)}
        for number, size in enumerate(sizes)
    }
    weeks = sorted(rosters)
    assert shown_by_sql(rosters) == {weeks[0], weeks[3], weeks[4]}
