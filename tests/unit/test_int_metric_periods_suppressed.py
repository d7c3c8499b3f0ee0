"""Which periods of which figures are hidden, run on small tables."""

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.sql import render_model
from tests.unit.mart_world import KEY, MONDAY, PERIODS, World, period

LENGTHS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}


def suppressed(
    world: World,
    periods: list[dict[str, Any]],
    kind: str = "proportion",
    subject_kind: str = "person",
    settings: list[dict[str, Any]] | None = None,
    others: dict[str, list[dict[str, Any]]] | None = None,
) -> set[tuple[str, date]]:
    """Return the hidden periods of the metric `adoption`; a period may name its `people`."""
    world.table("metrics.int_metric_periods", PERIODS, periods)
    metric = (
        "metric_id varchar, kind varchar, subject_kind varchar, derived_metric_ids varchar, "
        "subjects_are_people boolean"
    )
    others = others or {}
    records = others.get("records", [])
    rows = [
        {"metric_id": "adoption", "kind": kind, "subject_kind": subject_kind,
         "subjects_are_people": bool(records) or None}
    ]  # fmt: skip
    world.table("registry.metrics", metric, [*rows, *others.get("metrics", [])])
    world.table("registry.settings", "setting varchar, value varchar", settings or [])
    side = "product_id varchar, metric_id varchar, measure_id varchar, aggregate varchar"
    world.table("metrics.int_metric_sides", side, others.get("sides", []))
    own = [row for row in periods if row["metric_id"] == "adoption"]
    weeks = [row["period_start_date"] for row in own if row["period_grain"] == "week"]
    world.table(
        "metrics.int_metric_period_weeks", f"{KEY}, week_start_date date, is_added boolean",
        [
            row | {"week_start_date": week, "is_added": True}
            for row in own
            for week in weeks
            if 0 <= (week - row["period_start_date"]).days < 7 * LENGTHS[row["period_grain"]]
        ],
    )  # fmt: skip
    people = [
        row | {"person_id": person}
        for row in own
        for person in row.get("people", [f"p{n}" for n in range(row["person_count"] or 0)])
    ]
    world.table(
        "metrics.int_cell_people", f"{KEY}, segment_type varchar, person_id varchar", people
    )
    world.table("metrics.int_custom_periods_small", KEY, [])
    week = "product_id varchar, metric_id varchar, week_start_date date"
    cohorts = f"{week}, numerator double, denominator double"
    world.table("metrics.int_cohort_weeks", cohorts, [])
    world.table("metrics.int_cells", f"{KEY}, segment_type varchar, top_share double", own)
    world.table(
        "metrics.int_roster_weeks_shown",
        "product_id varchar, metric_id varchar, week_start_date date",
        others.get("rosters", []),
    )
    world.table(
        "metrics.int_record_subjects",
        "product_id varchar, metric_id varchar, is_open boolean, week_start_date date, "
        "subject_id varchar", records,
    )  # fmt: skip
    for model in (
        "int_metric_least_people",
        "int_person_periods_judged",
        "int_record_periods_judged",
        "int_periods_judged",
        "int_people_counted",
        "int_person_periods_suppressed",
    ):
        world.connection.execute(f"create table metrics.{model} as {render_model(model)}")
    return {
        (row["period_grain"], row["period_start_date"])
        for row in world.run("int_metric_periods_suppressed")
        if row["metric_id"] == (others or {}).get("asked", "adoption")
    }


@pytest.mark.parametrize(("people", "is_hidden"), [(0, True), (4, True), (5, False), (None, True)])
def test_fewer_than_five_people_are_hidden(
    world: World, people: int | None, is_hidden: bool
) -> None:
    assert bool(suppressed(world, [period(person_count=people)])) == is_hidden


@pytest.mark.parametrize(("people", "is_hidden"), [(9, True), (10, False)])
def test_time_entries_need_ten_people(world: World, people: int, is_hidden: bool) -> None:
    hidden = suppressed(world, [period(person_count=people)], kind="ratio_of_sums")
    assert bool(hidden) == is_hidden


def test_metrics_named_in_the_settings_need_ten_people_too(world: World) -> None:
    setting = {"setting": "suppression_sensitive_metrics", "value": "survey; adoption"}
    assert suppressed(world, [period(person_count=9)], settings=[setting])


@pytest.mark.parametrize(
    ("value", "people", "is_hidden"),
    [(1.0, 9, True), (0.0, 9, True), (1.0, 10, False), (6 / 7, 7, False)],
)
def test_everybody_and_nobody_among_few_tells_of_each_of_them_and_is_hidden(
    world: World, value: float, people: int, is_hidden: bool
) -> None:
    of_it = period(value=value, numerator=10 * value, person_count=people)
    assert bool(suppressed(world, [of_it])) == is_hidden


@pytest.mark.parametrize("subject_kind", ["item", "system"])
def test_items_and_systems_are_not_hidden(world: World, subject_kind: str) -> None:
    assert not suppressed(world, [period(person_count=1)], subject_kind=subject_kind)


def test_a_longer_period_that_would_give_one_hidden_week_away_is_hidden_too(world: World) -> None:
    weeks = [
        period(person_count=4),
        period(person_count=9, period_start_date=MONDAY + timedelta(days=7)),
    ]
    fortnight = period(period_grain="fortnight", person_count=11)
    assert ("fortnight", MONDAY) in suppressed(world, [*weeks, fortnight])


def test_two_hidden_weeks_of_enough_people_leave_the_longer_period_in_view(world: World) -> None:
    weeks = [
        period(person_count=4, people=["a", "b", "c", "d"]),
        period(
            person_count=3, people=["d", "e", "f"], period_start_date=MONDAY + timedelta(days=7)
        ),
    ]
    fortnight = period(period_grain="fortnight", person_count=6)
    assert suppressed(world, [*weeks, fortnight]) == {
        ("week", MONDAY), ("week", MONDAY + timedelta(days=7)),
    }  # fmt: skip


def test_hidden_weeks_of_the_same_few_people_hide_the_longer_period(world: World) -> None:
    starts = [MONDAY + timedelta(weeks=number) for number in range(4)]
    weeks = [
        period(person_count=count, period_start_date=start)
        for count, start in zip((4, 4, 9, 9), starts, strict=True)
    ]
    four_weeks = period(period_grain="four_weeks", person_count=9)
    assert ("four_weeks", MONDAY) in suppressed(world, [*weeks, four_weeks])


def test_a_figure_that_one_person_makes_is_hidden(world: World) -> None:
    rows = [period(top_share=0.61), period(top_share=0.6, period_start_date=date(2024, 1, 8))]
    assert suppressed(world, rows) == {("week", MONDAY)}


def test_what_is_open_is_shown_in_weeks_whose_roster_was_published(world: World) -> None:
    second = MONDAY + timedelta(days=7)
    side = {"product_id": "cms", "metric_id": "adoption", "aggregate": "open_at_period_end"}
    roster = {"product_id": "cms", "metric_id": "adoption", "week_start_date": second}
    rows = [
        period(person_count=50), period(person_count=51, period_start_date=second),
        period(person_count=51, period_grain="fortnight"),
    ]  # fmt: skip
    hidden = suppressed(world, rows, others={"sides": [side], "rosters": [roster]})
    assert hidden == {("week", MONDAY)}


@pytest.mark.parametrize("other", ["sharing", "derived"])
def test_a_metric_on_the_same_counts_is_hidden_with_it(world: World, other: str) -> None:
    sides = [
        {"product_id": "cms", "metric_id": name, "measure_id": "people", "aggregate": "count"}
        for name in ("adoption", "sharing")
    ]
    metrics = [
        {"metric_id": "sharing", "kind": "count_rate", "subject_kind": "item"},
        {"metric_id": "derived", "kind": "derived", "derived_metric_ids": "other; adoption"},
    ]
    others = {"sides": sides, "metrics": metrics, "asked": other}
    second = date(2024, 1, 8)
    rows = [
        period(metric_id=name, period_start_date=week, person_count=4 if week == MONDAY else 9)
        for name in ("adoption", other)
        for week in (MONDAY, second)
    ]
    assert suppressed(world, rows, others=others) == {("week", MONDAY)}


def records(counts: list[int], is_open: bool = False, first: int = 0) -> list[dict[str, Any]]:
    """Return so many records in each week; those of a week are others than those of the next."""
    return [
        {"product_id": "cms", "metric_id": "adoption", "is_open": is_open,
         "week_start_date": MONDAY + timedelta(weeks=week),
         "subject_id": f"{n}" if is_open else f"{week}-{n}"}
        for week, count in enumerate(counts, start=first)
        for n in range(count)
    ]  # fmt: skip


def flows(count: int, **more: Any) -> list[dict[str, Any]]:
    """Return weeks of a metric of records, that nobody acts in."""
    starts = [MONDAY + timedelta(weeks=week) for week in range(count)]
    return [period(period_start_date=start, person_count=0, **more) for start in starts]


SIDES = {
    side: {"product_id": "cms", "metric_id": "adoption", "measure_id": side, "aggregate": aggregate}
    for side, aggregate in (("left", "count"), ("staff", "open_at_period_end"))
}


@pytest.mark.parametrize(("count", "is_hidden"), [(9, True), (10, False)])
@pytest.mark.parametrize("value", [0.5, 0.0, None])
def test_records_of_fewer_than_ten_people_are_hidden(
    world: World, count: int, is_hidden: bool, value: float | None
) -> None:
    others = {"records": records([count]), "sides": [SIDES["left"]]}
    rows = flows(1, value=value)
    assert bool(suppressed(world, rows, subject_kind="item", others=others)) == is_hidden


def test_a_longer_period_of_records_is_hidden_where_one_hidden_week_could_be_had(
    world: World,
) -> None:
    fortnight = period(period_grain="fortnight", person_count=0)
    others = {"records": records([9, 12]), "sides": [SIDES["left"]]}
    hidden = suppressed(world, [*flows(2), fortnight], subject_kind="item", others=others)
    assert hidden == {("week", MONDAY), ("fortnight", MONDAY)}


def test_two_hidden_weeks_of_enough_records_leave_the_longer_period_in_view(world: World) -> None:
    fortnight = period(period_grain="fortnight", person_count=0)
    others = {"records": records([5, 5]), "sides": [SIDES["left"]]}
    hidden = suppressed(world, [*flows(2), fortnight], subject_kind="item", others=others)
    assert hidden == {("week", MONDAY), ("week", MONDAY + timedelta(days=7))}


@pytest.mark.parametrize(("sides", "is_hidden"), [(("staff",), False), (("staff", "left"), True)])
def test_a_share_of_a_roster_is_its_last_week_and_only_added_sides_are_subtracted(
    world: World, sides: tuple[str, ...], is_hidden: bool
) -> None:
    fortnight = period(period_grain="fortnight", person_count=0)
    others = {"records": records([9, 12], is_open=True), "sides": [SIDES[side] for side in sides]}
    hidden = suppressed(world, [*flows(2), fortnight], subject_kind="item", others=others)
    assert (("fortnight", MONDAY) in hidden) == is_hidden
    assert ("week", MONDAY) in hidden


def test_a_longer_period_of_a_roster_has_the_records_of_its_last_week(world: World) -> None:
    fortnight = period(period_grain="fortnight", person_count=0)
    others = {"records": records([12, 9], is_open=True), "sides": [SIDES["staff"]]}
    hidden = suppressed(world, [*flows(2), fortnight], subject_kind="item", others=others)
    assert hidden == {("week", MONDAY + timedelta(days=7)), ("fortnight", MONDAY)}


def test_what_is_derived_from_a_metric_that_shares_hidden_counts_is_hidden(world: World) -> None:
    sides = [SIDES["left"], SIDES["left"] | {"metric_id": "sharing"}]
    metrics = [
        {"metric_id": "sharing", "kind": "count_rate", "subject_kind": "item"},
        {"metric_id": "derived", "kind": "derived", "derived_metric_ids": "sharing"},
    ]
    others = {"records": records([9]), "sides": sides, "metrics": metrics, "asked": "derived"}
    assert suppressed(world, flows(1), subject_kind="item", others=others) == {("week", MONDAY)}


def revealed(equations: list[set[Any]], hidden: set[Any]) -> set[Any]:
    """Return the hidden cells that follow from sums of cells, by elimination over fractions."""
    columns = sorted(hidden)
    rows = [[Fraction(cell in equation) for cell in columns] for equation in equations]
    pivot = 0
    for column in range(len(columns)):
        found = next((n for n in range(pivot, len(rows)) if rows[n][column]), None)
        if found is None:
            continue
        rows[pivot], rows[found] = rows[found], rows[pivot]
        rows[pivot] = [value / rows[pivot][column] for value in rows[pivot]]
        for n, row in enumerate(rows):
            if n != pivot and row[column]:
                rows[n] = [a - row[column] * b for a, b in zip(row, rows[pivot], strict=True)]
        pivot += 1
    single = [row for row in rows if sum(map(bool, row)) == 1]
    return {columns[next(n for n, value in enumerate(row) if value)] for row in single}


@pytest.mark.parametrize("seed", range(8))
def test_no_hidden_week_follows_from_all_shown_periods_together(world: World, seed: int) -> None:
    draw = random.Random(seed)
    starts = [MONDAY + timedelta(weeks=number) for number in range(52)]
    people = {start: draw.sample("abcdefghi", draw.randint(2, 9)) for start in starts}
    periods = {
        (grain, starts[first]): starts[first : first + length]
        for grain, length in LENGTHS.items()
        for first in range(0, 52, length)
    }
    rows = []
    for (grain, start), weeks in periods.items():
        who = sorted({person for week in weeks for person in people[week]})
        rows.append(period(period_grain=grain, period_start_date=start, people=who,
                           person_count=len(who)))  # fmt: skip
    hidden = suppressed(world, rows)
    weeks_hidden = {start for grain, start in hidden if grain == "week"}
    shown = [set(weeks) & weeks_hidden for key, weeks in periods.items() if key not in hidden]
    assert weeks_hidden and any(shown), "the draw leaves nothing to attack"
    assert not revealed(shown, weeks_hidden)
