"""Which segments of a week are hidden: drawn teams, in SQL and by the oracle's walk."""

import random
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from tests.oracles.oracle_segments import Cell, SegmentOracle
from tests.sql import render_model

MONDAY = date(2024, 1, 1)
PEOPLE = (
    "product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar, "
    "period_grain varchar, period_start_date date, person_id varchar, is_ripe boolean, "
    "numerator double, denominator double, sum_squares double, numerator_item_count bigint, "
    "denominator_item_count bigint"
)
METRICS = "metric_id varchar, kind varchar, denominator_measure_id varchar, metric_version integer"
LEAST = "metric_id varchar, kind varchar, least_people integer"
GRAINS = (
    "product_id varchar, metric_id varchar, metric_version integer, segment_type varchar, "
    "period_grain varchar"
)
PERIODS = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
SAME = {
    "product_id": "desk", "metric_id": "right", "kind": "proportion", "metric_version": 1,
    "denominator_measure_id": "all", "least_people": 5, "segment_type": "team",
    "period_grain": "week", "period_start_date": MONDAY, "is_ripe": True,
}  # fmt: skip

Teams = dict[str, dict[str, tuple[float, float]]]
"""Numerator and denominator of each person in each team."""


def hidden_by_sql(
    teams: Teams, parent_is_hidden: bool = False, render: Callable[[str], str] = render_model
) -> dict[str, str]:
    """Return the hidden teams with their reasons."""
    people: list[dict[str, Any]] = []
    for team, members in teams.items():
        rows = members or {None: (None, None)}
        people += [
            {"segment_value": team, "person_id": person, "numerator": over, "denominator": under}
            for person, (over, under) in rows.items()
        ]
    parents = [{}] if parent_is_hidden else []
    with duckdb.connect() as connection:
        connection.execute("create schema metrics; create schema registry")
        for name, columns, rows in (
            ("metrics.int_cell_people", PEOPLE, people),
            ("registry.metrics", METRICS, [{}]),
            ("metrics.int_metric_least_people", LEAST, [{}]),
            ("metrics.int_segment_grains", GRAINS, [{}]),
            ("metrics.int_metric_periods_suppressed", PERIODS, parents),
        ):
            connection.execute(f"create table {name} ({columns})")
            names = [column.split()[0] for column in columns.split(", ")]
            for row in rows:
                values = [(SAME | row).get(column) for column in names]
                marks = ", ".join("?" * len(names))
                connection.execute(f"insert into {name} values ({marks})", values)
        for model in ("int_cells", "int_segment_prefixes", "int_suppressed_cells"):
            connection.execute(f"create table metrics.{model} as {render(model)}")
        return dict(
            connection.execute(
                "select segment_value, reason from metrics.int_suppressed_cells"
            ).fetchall()
        )


def hidden_by_oracle(teams: Teams) -> set[str]:
    """Return the teams that the oracle hides."""
    oracle = object.__new__(SegmentOracle)
    oracle.metric = {
        "metric_id": "right",
        "kind": "proportion",
        "subject_kind": "item",
        "numerator_measure_id": "right",
    }
    oracle.oracle = SimpleNamespace(  # pyright: ignore[reportAttributeAccessIssue]
        settings={}, measures={"right": {"aggregate": "count"}}
    )
    oracle.has_denominator = True
    oracle.weekly = {}
    for team, members in teams.items():
        cell = oracle.weekly[team, MONDAY] = Cell()
        for person, (over, under) in members.items():
            cell.numerators[person] += over
            cell.denominators[person] += under
    served = oracle.served("week", [MONDAY])
    return {team for (team, _), parts in served.items() if parts is None}


def team(name: str, size: int, right: float = 0.5) -> dict[str, tuple[float, float]]:
    return {f"{name}{number}": (right, 1.0) for number in range(size)}


def test_the_smallest_team_and_the_next_are_hidden() -> None:
    teams = {"A": team("a", 12), "B": team("b", 7), "C": team("c", 3)}
    assert hidden_by_sql(teams) == {"C": "few_people", "B": "complementary"}


def test_a_team_of_which_one_person_makes_most_is_hidden_with_the_next() -> None:
    teams = {"A": team("a", 12), "B": team("b", 9), "C": team("c", 6) | {"boss": (4.0, 12.0)}}
    # beside B the boss makes 12 of 27
    assert hidden_by_sql(teams) == {"C": "dominance", "B": "complementary"}


def test_a_pool_that_one_person_makes_most_of_takes_another_team() -> None:
    teams = {"A": team("a", 40), "B": team("b", 6), "C": team("c", 6) | {"boss": (9.0, 30.0)}}
    assert set(hidden_by_sql(teams)) == {"A", "B", "C"}


def test_a_team_of_which_everybody_is_right_is_hidden_below_twice_as_many() -> None:
    teams = {"A": team("a", 12), "B": team("b", 11), "C": team("c", 9, right=1.0)}
    assert hidden_by_sql(teams) == {"C": "extreme_share", "B": "complementary"}


def test_a_person_in_two_hidden_teams_is_one_person() -> None:
    teams = {"A": team("a", 12), "B": team("b", 8), "C": team("x", 3), "D": team("x", 4)}
    assert set(hidden_by_sql(teams)) == {"B", "C", "D"}


def test_a_team_without_anything_is_hidden_as_a_small_one_is() -> None:
    teams = {"A": team("a", 12), "B": team("b", 7), "C": {}}
    assert set(hidden_by_sql(teams)) == {"B", "C"}


def test_nothing_is_hidden_where_every_team_is_large() -> None:
    assert hidden_by_sql({"A": team("a", 12), "B": team("b", 7)}) == {}


def test_a_hidden_whole_has_no_parts_to_show() -> None:
    teams = {"A": team("a", 12), "B": team("b", 7)}
    assert set(hidden_by_sql(teams, parent_is_hidden=True)) == {"A", "B"}


@pytest.mark.parametrize("seed", range(12))
def test_sql_hides_what_the_oracle_hides(seed: int) -> None:
    draw = random.Random(seed)
    teams: Teams = {}
    for name in "ABCDE"[: draw.randint(2, 5)]:
        size = draw.choice([0, 2, 4, 5, 6, 9, 14])
        pool = [f"p{number}" for number in range(20)] if draw.random() < 0.4 else [
            f"{name}{number}" for number in range(20)
        ]  # fmt: skip
        under = {person: float(draw.choice([1, 1, 2, 30])) for person in draw.sample(pool, size)}
        share = draw.choice([0.0, 0.5, 1.0])
        teams[name] = {person: (share * amount, amount) for person, amount in under.items()}
    assert set(hidden_by_sql(teams)) == hidden_by_oracle(teams)


CELLS = (
    "product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar, "
    "period_grain varchar, period_start_date date, is_ripe boolean, primary_reason varchar"
)
LENGTHS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}


def grain_of(shares: dict[str, dict[str, float]], weeks: int = 52, known: str = "") -> list[str]:
    """Return the grains that are appended; `shares` of periods that pass, by segment and grain."""
    with duckdb.connect() as connection:
        connection.execute("create schema metrics; create schema registry")
        connection.execute(f"create table metrics.int_cells ({CELLS})")
        for segment, passing in shares.items():
            for grain, length in LENGTHS.items():
                count = weeks // length
                for number in range(count):
                    reason = None if number < passing[grain] * count else "few_people"
                    connection.execute(
                        "insert into metrics.int_cells values (?, ?, ?, ?, ?, ?, true, ?)",
                        ["desk", "right", "team", segment, grain, MONDAY, reason],
                    )
        connection.execute(f"create table registry.metrics ({METRICS})")
        connection.execute("insert into registry.metrics values ('right', 'proportion', 'all', 1)")
        connection.execute("create table registry.run_context (as_of_at timestamp)")
        connection.execute("insert into registry.run_context values (null)")
        connection.execute(f"create table metrics.int_segment_grains ({GRAINS})")
        if known:
            connection.execute(
                "insert into metrics.int_segment_grains values ('desk', 'right', 1, 'team', ?)",
                [known],
            )
        model = render_model("int_segment_grains", is_incremental=True)
        rows = connection.execute(f"select period_grain from ({model})").fetchall()
    return [grain for (grain,) in rows]


ALWAYS = dict.fromkeys(LENGTHS, 1.0)
NEVER = dict.fromkeys(LENGTHS, 0.0)
SOMETIMES = ALWAYS | {"week": 0.7}


@pytest.mark.parametrize(
    ("shares", "grains"),
    [
        ({"A": ALWAYS, "B": ALWAYS}, ["week"]),
        ({"A": ALWAYS, "B": SOMETIMES}, ["fortnight"]),
        ({"A": ALWAYS, "B": ALWAYS | {"week": 0.81}}, ["week"]),
        # the pool's: too small at every grain
        ({"A": ALWAYS, "B": NEVER}, ["week"]),
        ({"A": NEVER, "B": NEVER}, []),
    ],
)
def test_the_grain_is_the_finest_at_which_four_of_five_periods_can_be_shown(
    shares: dict[str, dict[str, float]], grains: list[str]
) -> None:
    assert grain_of(shares) == grains


def test_fifteen_weeks_decide_no_grain() -> None:
    assert (grain_of({"A": ALWAYS}, weeks=15), grain_of({"A": ALWAYS}, weeks=16)) == ([], ["week"])


def test_a_grain_once_decided_stays() -> None:
    assert grain_of({"A": ALWAYS}, known="four_weeks") == []
