"""What the marts hide, keep in view and say, run on small tables."""

import random
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from orchestration.addresses import without_addresses
from orchestration.defs.judge.trust import CHECKS, Checks
from tests.sql import render, render_model

MONDAY = date(2024, 1, 1)
FINDING = "`minutes` about 60 times smaller than usual"


class World:
    """An in-memory warehouse; tables are made from dictionaries."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()

    def table(self, name: str, columns: str, rows: list[dict[str, Any]]) -> None:
        self.connection.execute(f"create schema if not exists {name.split('.')[0]}")
        self.connection.execute(f"create table {name} ({columns})")
        names = [column.split()[0] for column in columns.split(",")]
        for row in rows:
            marks = ", ".join("?" for _ in names)
            values = [row.get(column) for column in names]
            self.connection.execute(f"insert into {name} values ({marks})", values)

    def run(self, model: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(render_model(model))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def world() -> World:
    return World()


PERIODS = (
    "product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar, "
    "period_grain varchar, period_start_date date, value double, numerator double, "
    "denominator double, unit_count bigint, person_count bigint, open_count bigint, "
    "ci_low double, ci_high double, ci_method varchar, unit varchar, is_ripe boolean, "
    "is_provisional boolean, no_value_reason varchar, metric_version integer, as_of_at timestamp"
)


def period(**row: Any) -> dict[str, Any]:
    return {
        "product_id": "cms", "metric_id": "adoption", "segment_type": "all",
        "segment_value": "all", "period_grain": "week", "period_start_date": MONDAY,
        "value": 0.5, "numerator": 5.0, "denominator": 10.0, "unit_count": 10,
        "person_count": 10, "open_count": 0, "unit": "%", "is_ripe": True,
        "is_provisional": False, "metric_version": 1, "as_of_at": datetime(2024, 6, 1),
    } | row  # fmt: skip


LENGTHS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}
KEY = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"


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


ROSTERS = (
    "product_id varchar, metric_id varchar, week_start_date date, person_key varchar, sides varchar"
)


def rosters_shown(
    world: World,
    rosters: list[str],
    published: dict[int, str] | None = None,
    failed: dict[int, str] | None = None,
) -> list[int]:
    """Return the numbers of the weeks that are shown; a roster is a text of one-letter people."""

    def rows(weeks: dict[int, str], run: str = "now") -> list[dict[str, Any]]:
        return [
            {"product_id": "hr", "metric_id": "open", "person_key": person.lower(),
             "week_start_date": MONDAY + timedelta(weeks=number),
             "sides": "both" if person.isupper() else "denominator", "metric_version": 1,
             "run_id": run}
            for number, people in weeks.items() for person in people
        ]  # fmt: skip

    world.table("metrics.int_rosters", ROSTERS, rows(dict(enumerate(rosters))))
    metric = {"metric_id": "open", "metric_version": 1, "least_people": 5}
    world.table("registry.metrics", "metric_id varchar, metric_version integer", [metric])
    run = "run_id varchar, as_of_at timestamp"
    world.table("registry.run_context", run, [{"run_id": "now"}])
    world.table("state.publications", run, [{"run_id": "before"}])
    world.table(
        "metrics.int_metric_least_people", "metric_id varchar, least_people integer", [metric]
    )
    known = f"{ROSTERS}, metric_version integer, run_id varchar"
    world.table(
        "metrics.int_published_rosters",
        known,
        rows(published or {}, "before") + rows(failed or {}, "failed"),
    )
    walked = render_model("int_published_rosters", is_incremental=published is not None)
    world.connection.execute(f"create table walked as {walked}")
    names = ", ".join(column.split()[0] for column in known.split(", "))
    world.connection.execute(
        f"insert into metrics.int_published_rosters by name select {names} from walked"
    )
    shown = world.run("int_roster_weeks_shown")
    return sorted((row["week_start_date"] - MONDAY).days // 7 for row in shown)


@pytest.mark.parametrize(
    ("rosters", "shown"),
    [
        # the worked case: 7 people, then one more, then five more than at first
        (["abcdefg", "abcdefgh", "abcdefghijkl"], [0, 2]),
        (["abcdefg", "abcdefg"], [0, 1]),
        (["abcd", "abcde"], [1]),
        (["abcdefg", "abcdefh", "abcdefg"], [0, 2]),
        (["abcdefg", "Abcdefg"], [0]),
        (["abcdefg", "ABCDEfg"], [0, 1]),
    ],
)
def test_a_roster_goes_out_if_nobody_or_enough_people_changed(
    world: World, rosters: list[str], shown: list[int]
) -> None:
    assert rosters_shown(world, rosters) == shown


def test_a_roster_that_changed_after_it_was_published_is_hidden(world: World) -> None:
    assert rosters_shown(world, ["abcdefgz", "abcdefgh"], {0: "abcdefg"}) == []
    assert rosters_shown(World(), ["abcdefg", "abcdefghijkl"], {0: "abcdefg"}) == [0, 1]


def test_a_roster_of_a_run_that_failed_was_seen_by_nobody(world: World) -> None:
    second = {1: "abcdefgh"}
    assert rosters_shown(world, ["abcdefg", "abcdefgh"], {0: "abcdefg"}, failed=second) == [0]


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


def values(world: World, grade: str | None, is_suppressed: bool, **told: Any) -> dict[str, Any]:
    key = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
    row = period(**{"ci_low": 0.2, "ci_high": 0.8, "ci_method": "wilson"} | told)
    world.table("metrics.int_metric_periods", PERIODS, [row])
    intervals = "ci_low double, ci_high double, ci_method varchar"
    bounds = "bound_low double, bound_high double, bound_reason varchar"
    none = {"ci_low": None, "ci_high": None, "ci_method": None}
    judged = row | none | {"bound_low": 0.1, "bound_high": 0.9, "bound_reason": "missing"}
    world.table("marts.int_judged_intervals", f"{key}, {intervals}, {bounds}", [judged])
    for schema in ("marts", "metrics", "signals"):
        world.table(f"{schema}.int_metric_periods_suppressed", key, [row] if is_suppressed else [])
        world.table(
            f"{schema}.int_metric_periods_trusted",
            f"{key}, trust_grade varchar, is_lost boolean",
            [row | {"trust_grade": grade, "is_lost": grade in "CD"}],
        )  # fmt: skip
    world.connection.execute(
        "create table metrics.int_segment_values as select *, '' as suppressed_reason, "
        "false as is_suppressed from metrics.int_metric_periods limit 0"
    )
    world.connection.execute(
        f"create table marts.int_last_trusted_values as {render_model('int_last_trusted_values')}"
    )
    (value,) = world.run("fct_metric_values")
    return value


def test_a_suppressed_value_is_in_no_column(world: World) -> None:
    value = values(world, "A", is_suppressed=True)
    for column in (
        "value", "numerator", "denominator", "unit_count", "person_count", "open_count",
        "ci_low", "ci_high", "ci_method", "bound_low", "bound_high", "bound_reason",
    ):  # fmt: skip
        assert value[column] is None, column
    assert (value["is_suppressed"], value["no_value_reason"]) == (True, "suppressed")


def test_a_value_of_trust_d_is_withheld_and_keeps_its_n(world: World) -> None:
    value = values(world, "D", is_suppressed=False)
    assert (value["value"], value["ci_low"], value["numerator"]) == (None, None, None)
    assert (value["no_value_reason"], value["unit_count"]) == ("withheld", None)


def test_a_value_of_trust_c_keeps_its_number(world: World) -> None:
    value = values(world, "C", is_suppressed=False)
    assert (value["value"], value["no_value_reason"], value["trust_grade"]) == (0.5, None, "C")
    assert (value["bound_low"], value["bound_high"], value["bound_reason"]) == (0.1, 0.9, "missing")


@pytest.mark.parametrize("mean, is_served", [(0.5, True), (0.8, True), (680.0, False)])
def test_times_whose_mean_lies_outside_their_log_normal_interval_have_none(
    world: World, mean: float, is_served: bool
) -> None:
    value = values(world, "A", is_suppressed=False, value=mean, ci_method="modified_cox")
    told = (0.2, 0.8, "modified_cox") if is_served else (None, None, None)
    assert (value["ci_low"], value["ci_high"], value["ci_method"]) == told
    assert value["value"] == mean


def trusted(world: World, grades: dict[date, str], rows: list[dict[str, Any]]) -> dict:
    world.table("metrics.int_metric_periods", PERIODS, rows)
    world.table(
        "marts.dim_metrics", "metric_id varchar, companion_of_metric_id varchar",
        [{"metric_id": "adoption"},
         {"metric_id": "adoption_median", "companion_of_metric_id": "adoption"}],
    )  # fmt: skip
    world.table(
        "guard.metric_trust",
        "product_id varchar, metric_id varchar, week_start_date date, grade varchar, "
        "check_id integer",
        [
            {"product_id": "cms", "metric_id": "adoption", "week_start_date": week, "grade": grade}
            for week, grade in grades.items()
        ],
    )
    return {
        (row["metric_id"], row["period_grain"], row["period_start_date"]): row["trust_grade"]
        for row in world.run("int_metric_periods_trusted")
    }


def test_a_week_without_checks_is_a_d_and_a_longer_period_is_as_bad_as_its_weeks_in_use(
    world: World,
) -> None:
    second, third = MONDAY + timedelta(days=7), MONDAY + timedelta(days=14)
    rows = [
        period(), period(period_start_date=second), period(period_start_date=third),
        period(period_grain="fortnight"),
        period(period_grain="fortnight", period_start_date=third),
        period(metric_id="adoption_median"),
    ]  # fmt: skip
    grades = trusted(world, {MONDAY: "A", second: "C"}, rows)
    assert grades[("adoption", "week", third)] == "D"
    assert grades[("adoption", "fortnight", MONDAY)] == "C"
    assert grades[("adoption", "fortnight", third)] == "D"
    assert grades[("adoption_median", "week", MONDAY)] == "A"


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


def tripwire_rows(
    world: World, crossed: list[int], grades: list[str], first: int = 0
) -> list[dict[str, Any]]:
    """One row a week, of which the last is still running."""
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(grades))]
    world.table(
        "metrics.int_tripwire_levels",
        "tripwire_id varchar, kpi_id varchar, product_id varchar, week_start_date date, "
        "observed_value double, observed_n bigint, is_crossed boolean",
        [
            {
                "tripwire_id": "t", "kpi_id": "k", "product_id": "cms", "week_start_date": week,
                "observed_value": 2.0, "observed_n": 30, "is_crossed": number in crossed,
            }
            for number, week in enumerate(weeks)
            if number >= first
        ],
    )  # fmt: skip
    for schema in ("marts", "signals"):
        world.table(
            f"{schema}.int_verdicts",
            "product_id varchar, kpi_id varchar, week_start_date date",
            [{"product_id": "cms", "kpi_id": "k", "week_start_date": week} for week in weeks],
        )
    world.table(
        "registry.tripwires",
        "tripwire_id varchar, kpi_id varchar, metric_id varchar, operator varchar, "
        "threshold double, minimum_n bigint, grain varchar, reason varchar",
        [
            {
                "tripwire_id": "t",
                "kpi_id": "k",
                "metric_id": "adoption",
                "operator": ">=",
                "threshold": 1,
            }
        ],
    )
    world.table(
        "marts.dim_metrics", "metric_id varchar, metric_name varchar, unit varchar",
        [{"metric_id": "adoption", "metric_name": "Adoption", "unit": "%"}],
    )  # fmt: skip
    world.table("registry.run_context", "reporting_time_zone varchar", [
        {"reporting_time_zone": "Europe/Berlin"}
    ])  # fmt: skip
    world.table(
        "metrics.int_metric_weeks",
        "product_id varchar, metric_id varchar, week_end_at timestamp, look_ahead_hours double",
        [
            {"product_id": "cms", "metric_id": "adoption", "look_ahead_hours": 48,
             "week_end_at": datetime.combine(week, time()) + timedelta(days=7, hours=-1)}
            for week in weeks
        ],
    )  # fmt: skip
    declared = render_model("int_declared_tripwire_weeks")
    world.connection.execute(f"create table marts.int_declared_tripwire_weeks as {declared}")
    key = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
    for schema in ("marts", "metrics", "signals"):
        world.table(f"{schema}.int_metric_periods_suppressed", key, [])
        world.table(
            f"{schema}.int_metric_periods_trusted",
            f"{key}, is_ripe boolean, trust_grade varchar",
            [
                period(period_start_date=week) | {"trust_grade": grade, "is_ripe": week < weeks[-1]}
                for week, grade in zip(weeks, grades, strict=True)
            ],
        )
    return sorted(world.run("fct_tripwire_states"), key=lambda row: row["week_start_date"])


def tripwire_states(world: World, crossed: list[int], grade: str = "A") -> list[str]:
    return [row["state"] for row in tripwire_rows(world, crossed, [grade] * 8)]


def test_a_crossing_stays_in_view_for_four_weeks(world: World) -> None:
    lately = ["crossed_lately"] * 3
    assert tripwire_states(world, [1]) == ["quiet", "crossed", *lately, "quiet", "quiet", "quiet"]


def test_a_crossing_that_cannot_be_trusted_is_unverified(world: World) -> None:
    assert tripwire_states(world, [1], "D") == ["unknown", *["unverified"] * 4, *["unknown"] * 3]


def test_a_tripwire_is_unknown_while_its_latest_complete_week_cannot_be_read(world: World) -> None:
    # the week that is still running looks fine: no check had anything to look at
    rows = tripwire_rows(world, [], [*["A"] * 5, "D", "D", "A"])
    told = [(row["state"], row["trust_grade"], row["observed_value"]) for row in rows]
    assert told == [*[("quiet", "A", 2.0)] * 5, *[("unknown", "D", None)] * 3]


def test_nothing_is_told_of_a_level_that_cannot_be_read_but_that_it_was_seen(world: World) -> None:
    rows = tripwire_rows(world, [3, 5], ["A", "A", "A", "D", "A", "A"])
    told = [
        (row["observed_value"], row["observed_n"], row["is_crossed"], row["no_value_reason"])
        for row in rows
    ]
    shown, crossed = (2.0, 30, False, None), (2.0, 30, True, None)
    assert told == [*[shown] * 3, (None, None, None, "withheld"), shown, crossed]
    assert rows[3]["state"] == "unverified"


@pytest.mark.parametrize(
    ("grade", "told"),
    [("A", ("not_ripe", "A", 2.0, None)), ("D", ("unknown", "D", None, "withheld"))],
)
def test_a_tripwire_without_a_complete_week_is_not_ripe_and_is_withheld_for_trust_alone(
    world: World, grade: str, told: tuple
) -> None:
    (row,) = tripwire_rows(world, [], [grade])
    names = ("state", "trust_grade", "observed_value", "no_value_reason")
    assert tuple(row[name] for name in names) == told
    # two days of look-ahead after the Monday on which its week is over
    over = MONDAY + timedelta(days=9) if told[0] == "not_ripe" else None
    assert row["ripe_from_date"] == over


def test_a_declared_tripwire_is_there_before_anything_of_it_was_observed(world: World) -> None:
    rows = tripwire_rows(world, [], ["A"] * 5, first=3)
    assert [row["state"] for row in rows] == [*["no_data"] * 3, "quiet", "quiet"]
    assert [row["observed_value"] for row in rows] == [None, None, None, 2.0, 2.0]
    assert [row["no_value_reason"] for row in rows] == [*["no_data"] * 3, None, None]


REASONS = (
    "trust_reason varchar, trust_source_id varchar, repair_hint varchar, lost_from_date date, "
    "lost_to_date date, is_lost_still boolean, lost_words varchar"
)
BALANCE_FIGURES = (
    *("before_value", "after_value", "before_n", "after_n", "before_numerator"),
    *("before_denominator", "after_numerator", "after_denominator", "before_sd", "after_sd"),
    *("sigma_hat", "widening", "difference", "ci_low", "ci_high", "margin"),
)


def test_a_declared_balance_is_there_before_anything_of_it_was_observed(world: World) -> None:
    key = "product_id varchar, kpi_id varchar, metric_id varchar, week_start_date date"
    later = MONDAY + timedelta(weeks=1)
    weeks = [{"product_id": "cms", "kpi_id": "k", "week_start_date": w} for w in (MONDAY, later)]
    world.table(
        "registry.balances",
        "kpi_id varchar, metric_id varchar, margin double, margin_scale varchar, reason varchar",
        [{"kpi_id": "k", "metric_id": "adoption", "margin": 0.1, "margin_scale": "absolute"}],
    )
    world.table("marts.dim_metrics", "metric_id varchar, unit varchar", [
        {"metric_id": "adoption", "unit": "%"},
    ])  # fmt: skip
    suppressed = "product_id varchar, metric_id varchar, period_start_date date"
    for schema in ("marts", "metrics", "signals"):
        world.table(
            f"{schema}.int_metric_least_people", "metric_id varchar, is_of_people boolean", []
        )
        world.table(f"{schema}.int_metric_periods_suppressed", suppressed, [])
        world.table(
            f"{schema}.int_verdicts", "product_id varchar, kpi_id varchar, week_start_date date",
            weeks,
        )  # fmt: skip
        world.table(
            f"{schema}.int_balance_windows",
            f"{key}, {', '.join(f'{name} double' for name in BALANCE_FIGURES)}, state varchar, "
            "method varchar, reason varchar, before_from_date date, before_to_date date, "
            "after_from_date date, after_to_date date, trust_grade varchar",
            [weeks[1] | {"metric_id": "adoption", "margin": 0.1, "state": "held"}],
        )
    world.table("marts.int_trust_reasons", f"{key}, {REASONS}", [])
    rows = sorted(world.run("fct_balance_states"), key=lambda row: row["week_start_date"])
    told = [(row["state"], row["reason"], row["margin"]) for row in rows]
    assert told == [("unresolved", "no_data", 0.1), ("held", None, 0.1)]


def test_a_crossing_in_a_week_that_can_be_read_trips_after_weeks_that_cannot(world: World) -> None:
    rows = tripwire_rows(world, [7], [*["A"] * 4, "D", "D", "D", "A"])
    assert (rows[-1]["state"], rows[-1]["trust_grade"]) == ("crossed", "A")


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


def test_items_behind_a_suppressed_figure_and_rosters_are_left_out(world: World) -> None:
    kinds = ("survey", "draft", "employment", "absence", "onboarding", "membership", "trial")
    world.table(
        "core.int_tasks",
        "product_id varchar, task_type_id varchar, task_id varchar, start_source_id varchar, "
        "finish_source_id varchar, started_at timestamp, finished_at timestamp, "
        "cancelled_at timestamp, state varchar, reopen_count bigint, duration_us bigint, "
        "working_us bigint, paused_us bigint, week_start_date date",
        [
            {"product_id": product, "task_type_id": kind, "task_id": f"{product}{kind}",
             "state": "open", "week_start_date": MONDAY}
            for product in ("cms", "shop")
            for kind in kinds
        ],
    )  # fmt: skip
    key = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
    for schema in ("marts", "metrics", "signals"):
        world.table(f"{schema}.int_metric_periods_suppressed", key, [period()])
        world.table(
            f"{schema}.int_metric_task_types", "metric_id varchar, task_type_id varchar",
            [{"metric_id": "adoption", "task_type_id": "survey"}],
        )  # fmt: skip
    world.table("registry.settings", "setting varchar, value varchar", [])
    world.table(
        "registry.products", "product_id varchar", [{"product_id": "cms"}, {"product_id": "shop"}]
    )
    world.table(
        "registry.metrics",
        "metric_id varchar, subject_kind varchar, numerator_measure_id varchar, "
        "denominator_measure_id varchar",
        [
            # of a share that stands on a roster both sides are left out
            {"metric_id": "absent_share", "subject_kind": "item", "numerator_measure_id": "absent",
             "denominator_measure_id": "employees"},
            # and of people who are there, the stock
            {"metric_id": "members", "subject_kind": "person", "numerator_measure_id": "members"},
            {"metric_id": "drafts", "subject_kind": "item", "numerator_measure_id": "drafts"},
        ],
    )  # fmt: skip
    world.table(
        "registry.measures",
        "measure_id varchar, item_kind varchar, item_type varchar, aggregate varchar",
        [
            {"measure_id": measure, "item_kind": "task", "item_type": kind,
             "aggregate": "open_at_period_end"}
            for measure, kind in (("employees", "employment"), ("absent", "absence"),
                                  ("members", "membership"), ("drafts", "draft"))
        ],
    )  # fmt: skip
    ends = {"employment": ("joined", "left"), "onboarding": ("joined", "settled"),
            "trial": ("tried", "active"), "draft": ("drafted", "published"),
            "absence": ("away", "back"), "membership": ("signed_up", "signed_off")}  # fmt: skip
    world.table(
        "registry.task_types",
        "task_type_id varchar, start_event_type varchar, finish_event_type varchar, "
        "cancel_event_type varchar, reopen_event_type varchar",
        [
            {"task_type_id": kind, "start_event_type": start, "finish_event_type": finish}
            for kind, (start, finish) in ends.items()
        ],
    )
    world.table(
        "metrics.int_person_event_types",
        "product_id varchar, source_id varchar, event_type varchar, is_hidden boolean, "
        "is_beside boolean",
        [
            {"product_id": "cms", "event_type": "active", "is_hidden": True, "is_beside": False},
            {"product_id": "cms", "event_type": "drafted", "is_hidden": True, "is_beside": True},
            {"product_id": "shop", "event_type": "active", "is_hidden": False, "is_beside": False},
        ],
    )  # fmt: skip
    secret = render_model("int_secret_task_types")
    world.connection.execute("create schema if not exists signals")
    for schema in ("marts", "signals"):
        world.connection.execute(f"create table {schema}.int_secret_task_types as {secret}")
    shown = {(row["product_id"], row["task_type_id"]) for row in world.run("fct_tasks")}
    assert shown == {("cms", "draft"), ("shop", "draft"), ("shop", "survey"), ("shop", "trial")}


def test_checks_and_reasons_do_not_count_what_people_of_hidden_figures_did(world: World) -> None:
    types = [
        {"source_id": "app", "event_type": "used", "least_people": 5, "is_hidden": True},
        {"source_id": "app", "event_type": "*", "least_people": 5, "is_hidden": True},
        {"source_id": "site", "event_type": "used", "least_people": 5, "is_hidden": False},
    ]
    world.table(
        "metrics.int_person_event_types",
        "source_id varchar, event_type varchar, least_people integer, is_hidden boolean", types,
    )  # fmt: skip
    asked = [("app", "used", 1, 50), ("app", "scanned", 1, 3), ("app", "*", 11, 50),
             ("site", "used", 1, 4), ("site", "used", 2, 5), ("app", "used", 12, 50)]  # fmt: skip
    later = [("site", "used", 1, 5), ("site", "used", 2, 6)]
    world.table(
        "guard.instrument_checks",
        "source_id varchar, event_type varchar, week_start_date date, check_id integer, "
        "check_name varchar, severity integer, statistic double, n bigint, p_value double, "
        "expected double, defect varchar, finding varchar, note varchar, threshold_version integer",
        [
            {"source_id": source, "event_type": kind, "week_start_date": week,
             "check_id": check, "severity": 2, "statistic": 0.5, "n": n, "p_value": 0.1,
             "expected": 0.2, "defect": "twice", "finding": FINDING}
            for week, rows in ((MONDAY, asked), (MONDAY + timedelta(weeks=1), later))
            for source, kind, check, n in rows
        ],
    )  # fmt: skip
    every = world.run("fct_instrument_checks")
    rows = [row for row in every if row["week_start_date"] == MONDAY]
    assert [row["n"] for row in every if row not in rows] == [5, 6]
    findings = {(row["event_type"], row["check_id"]): row["finding"] for row in rows}
    assert findings["used", 12] == "`minutes`" and findings["used", 1] is None
    assert findings["scanned", 1] == FINDING
    served = {
        (row["source_id"], row["event_type"], row["check_id"]):
            (row["n"], row["statistic"], row["p_value"], row["expected"], row["severity"])
        for row in rows
        if row["check_id"] != 12
    }  # fmt: skip
    nothing = (None, None, None, None, 2)
    assert served == {
        ("app", "used", 1): nothing,
        ("app", "scanned", 1): (3, 0.5, 0.1, 0.2, 2),
        # days of silence count nobody
        ("app", "*", 11): (None, 0.5, None, 0.2, 2),
        ("site", "used", 1): nothing,
        # what one check hides of a type and week, no other tells
        ("site", "used", 2): nothing,
    }
    world.table(
        "guard.contract_checks",
        "source_id varchar, event_type varchar, week_start_date date, clause varchar, "
        "severity integer, event_count bigint, broken_count bigint, defect varchar", [],
    )  # fmt: skip
    checks = Checks(world.connection.execute(CHECKS).df())
    assert checks.worst("app", MONDAY, "used").reason == "twice (used), figures hidden"
    reason = checks.worst("app", MONDAY, "scanned").reason
    assert reason == f"{FINDING} (scanned): 2 of 3 received events"


@pytest.mark.parametrize(
    ("spoilt", "week"),
    [
        ({}, 2), ({"is_ripe": False}, 1), ({"value": None}, 1), ({"grade": "C"}, 1),
        ({"grade": "B"}, 2), ({"is_hidden": True}, 1),
    ],
    ids=["as is", "unripe", "no value", "not trusted", "small doubts", "suppressed"],
)  # fmt: skip
def test_beside_what_is_not_trusted_stands_the_latest_value_that_is(
    world: World, spoilt: dict[str, Any], week: int
) -> None:
    grades = ("A", "A", spoilt.get("grade", "A"), "D")
    rows = [
        period(period_start_date=MONDAY + timedelta(weeks=n), value=n / 10) | {"trust_grade": grade}
        for n, grade in enumerate(grades)
    ]
    rows[2] |= spoilt
    world.table("metrics.int_metric_periods", PERIODS, rows)
    world.table("marts.int_metric_periods_trusted", f"{KEY}, trust_grade varchar", rows)
    hidden = [rows[2]] if "is_hidden" in spoilt else []
    world.table("metrics.int_metric_periods_suppressed", KEY, hidden)
    found = {row["period_start_date"]: row for row in world.run("int_last_trusted_values")}
    last = found[rows[3]["period_start_date"]]
    assert last["last_trusted_period_start_date"] == MONDAY + timedelta(weeks=week)
    assert last["last_trusted_value"] == week / 10
    # a period that is to be used needs no other beside it
    assert set(found) <= {row["period_start_date"] for row in rows if row["trust_grade"] in "CD"}


@pytest.mark.parametrize(
    ("grade", "chart_grain", "grades", "told", "words"),
    [
        # the latest of the four ripe weeks with that grade, whatever unripe weeks have
        (
            "C",
            "week",
            "ACCADC",
            2,
            "not to be used in the weeks of {1} to {2}: {reason}, {of_week}",
        ),
        ("D", "week", "ADAACC", 1, "withheld in the week of {1}: {reason}"),
        # only what comes later has it: the source fell silent
        ("D", "week", "AAAAAD", 5, "withheld since the week of {5}: {reason}"),
        # weeks in a row are lost together, and those that are not over add nothing
        ("D", "week", "AACDDD", 3, "withheld since the week of {2}: {reason}, {of_week}"),
        # a sound week that is not over yet is no end of it
        ("C", "week", "AAACAA", 3, "not to be used since the week of {3}: {reason}"),
        # fortnights reach further back
        ("C", "fortnight", "CAAAAA", 0, "not to be used in the week of {0}: {reason}"),
        # one reason of all the weeks is of no one of them
        ("D", "week", "ADDDAA", 9, "withheld since the week of {1}: {reason}"),
        ("A", "week", "AAAACC", None, None),
        ("B", "week", "ABAADD", None, None),
    ],
)
def test_the_reason_of_a_grade_is_of_the_periods_that_gave_it(
    world: World, grade: str, chart_grain: str, grades: str, told: int | None, words: str | None
) -> None:
    side = {"product_id": "cms", "metric_id": "adoption", "chart_grain": chart_grain}
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(grades))]
    side |= {"trust_grade": grade, "natural_period": "week", "week_start_date": weeks[5]}
    # weeks 4 and 5 are not over yet
    side["latest_ripe_period_start_date"] = weeks[3] if chart_grain == "week" else weeks[2]
    world.table("registry.kpis", "metric_id varchar", [side])
    world.table("registry.balances", "metric_id varchar", [side])
    world.table("marts.dim_metrics", "metric_id varchar, natural_period varchar", [side])
    of_metric = "product_id varchar, metric_id varchar"
    world.table("guard.chart_points", f"{of_metric}, chart_grain varchar", [side])
    world.table(
        "signals.int_metric_readiness", f"{of_metric}, trust_grade varchar, week_start_date date, "
        "latest_ripe_period_start_date date", [side],
    )  # fmt: skip
    world.table("metrics.int_metric_periods", PERIODS, [
        period(period_start_date=week, is_ripe=number < 4) for number, week in enumerate(weeks)
    ])  # fmt: skip
    world.table(
        "guard.metric_trust", f"{of_metric}, week_start_date date, grade varchar, reason varchar, "
        "repair_hint varchar, source_id varchar, check_id integer",
        [side | {"week_start_date": week, "grade": found,
                 "reason": f"week {9 if told == 9 else number} jo@example.org"}
         for number, (week, found) in enumerate(zip(weeks, grades, strict=True))],
    )  # fmt: skip
    columns = ("trust_reason", "trust_week_start_date", "lost_words")
    found = [tuple(row[name] for name in columns) for row in world.run("int_trust_reasons")]
    if told is None:
        assert found == []
        return
    reason = f"week {told} (address)"
    week = weeks[min(told, 3) if told == 9 else told]
    said = words.format(*weeks, reason=reason, of_week=f"in the week of {week}")
    assert found == [(reason, week, said)]
