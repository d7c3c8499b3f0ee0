"""Active people, forecast errors, complements and least numbers, worked by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles import golden, golden_growth
from tests.oracles.agreement import disagreements
from tests.oracles.test_worked_figures import FIRST, SECOND, value
from tests.oracles.warehouse import build

EARLY, WHOLE, LATE = date(2025, 2, 24), date(2025, 3, 24), date(2025, 4, 21)
"""Four-week periods: one that began a week before the first event, a whole one, the present one."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Return a read-only connection to a warehouse of these products alone."""
    home = tmp_path_factory.mktemp("growth") / "workspace"
    database = build(home, golden_growth.registry(), golden_growth.events(), golden.AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def test_daily_people_are_the_mean_over_seven_days(warehouse: Warehouse) -> None:
    # a on two days and b on one; who comes twice a day came that day
    assert value(warehouse, "people", "daily_people") == pytest.approx(3 / 7)
    assert value(warehouse, "people", "daily_people", "person_count") == 2
    reason = value(warehouse, "people", "daily_people", "no_value_reason", SECOND)
    assert reason == "no_denominator"
    # two, none, one and nobody: a week without use has no days to count
    four = value(warehouse, "people", "daily_people", week=WHOLE, grain="four_weeks")
    assert four == pytest.approx(3 / 14)


def test_people_of_four_weeks_are_counted_once_and_stand_in_the_last_week(
    warehouse: Warehouse,
) -> None:
    def monthly(column: str, week: date, grain: str = "week", product: str = "people") -> Any:
        return value(warehouse, product, "four_week_people", column, week, grain)

    # nobody came in the last week of the first four, a and b did in an earlier one
    assert [monthly("value", date(2025, 3, day)) for day in (3, 10, 17)] == [None, None, 2]
    assert monthly("value", WHOLE, "four_weeks") == 3, "a once, though in both of its weeks"
    assert monthly("is_ripe", EARLY, "four_weeks") is False
    assert monthly("value", LATE, "four_weeks") is None, "its last week is to come"


def test_a_four_week_period_is_whole_from_the_week_of_the_first_use(warehouse: Warehouse) -> None:
    found = [value(warehouse, "people_whole", "four_week_people", column, WHOLE, "four_weeks")
             for column in ("value", "is_ripe")]  # fmt: skip
    assert found == [3, True]
    part = value(warehouse, "people", "daily_part", week=WHOLE, grain="four_weeks")
    assert part == pytest.approx(3 / 14 / 3)


def test_a_forecast_is_held_against_what_was_observed_after_it(warehouse: Warehouse) -> None:
    # 120 for 100 and 30 for 40; what came later, too late, from a probe or of nothing is left out
    assert value(warehouse, "forecasts", "forecast_error") == pytest.approx((0.2 + 0.25) / 2)
    assert value(warehouse, "forecasts", "forecast_error", "unit_count") == 2


def test_fewer_units_than_the_metric_asks_for_give_no_value(warehouse: Warehouse) -> None:
    assert value(warehouse, "votes", "promoters") == 0.5
    columns = ("value", "ci_low", "no_value_reason", "numerator", "denominator")
    found = [value(warehouse, "votes", "promoters", column, SECOND) for column in columns]
    assert found == [None, None, "too_few", 1, 2]
    assert value(warehouse, "votes", "detractors", week=SECOND) == 0.5, "it asks for none"
    # the two and the one of the week after are three
    fortnight = value(warehouse, "votes", "promoters", week=SECOND, grain="fortnight")
    assert fortnight == pytest.approx(2 / 3)


def test_quantiles_and_companions_need_their_units_too(warehouse: Warehouse) -> None:
    assert value(warehouse, "votes", "median_score") == 8.5
    columns = ("value", "no_value_reason")
    assert [value(warehouse, "votes", "median_score", c, SECOND) for c in columns] == [
        None, "too_few"
    ]  # fmt: skip
    assert value(warehouse, "votes", "job_time") == 6
    # one of the two is finished
    found = [value(warehouse, "votes", "job_time_finished_mean", c) for c in columns]
    assert found == [None, "too_few"]
    assert value(warehouse, "votes", "job_time_median") == 2


def test_a_derived_metric_has_no_value_where_a_parent_has_too_few(warehouse: Warehouse) -> None:
    assert value(warehouse, "votes", "net_promoters") == 0.25
    columns = ("value", "no_value_reason")
    assert [value(warehouse, "votes", "net_promoters", c, SECOND) for c in columns] == [
        None, "too_few"
    ]  # fmt: skip
    # and its own least number stands beside theirs: four are fewer than five
    assert [value(warehouse, "votes", "net_promoters_of_five", c) for c in columns] == [
        None, "too_few"
    ]  # fmt: skip


def test_a_complement_is_taken_from_its_constant_and_a_scaled_metric_multiplied_by_it(
    warehouse: Warehouse,
) -> None:
    week = date(2025, 3, 17)
    found = [value(warehouse, "votes", name, grain="fortnight", week=SECOND)
             for name in ("promoters", "others", "promoters_in_percent")]  # fmt: skip
    assert found == pytest.approx([2 / 3, 1 / 3, 200 / 3])
    assert value(warehouse, "votes", "others", "no_value_reason", week) == "too_few"


def hidden(warehouse: Warehouse, product: str, metric: str, grain: str) -> set[date]:
    """Return the periods of a grain that suppression hides."""
    rows = warehouse.execute(
        "select period_start_date from metrics.int_metric_periods_suppressed "
        "where product_id = ? and metric_id = ? and period_grain = ?",
        [product, metric, grain],
    ).fetchall()
    return {row[0] for row in rows}


def test_a_derived_metric_of_people_is_hidden_with_its_parents_and_shown_with_them(
    warehouse: Warehouse,
) -> None:
    for grain in ("week", "fortnight", "four_weeks"):
        assert hidden(warehouse, "many", "promoting_people", grain) == set()
        assert hidden(warehouse, "many", "net_people", grain) == set()
    assert FIRST in hidden(warehouse, "votes", "net_people", "week"), "four people"
    assert EARLY in hidden(warehouse, "votes", "net_people", "four_weeks")


def test_cohorts_too_small_by_the_week_are_shown_in_four_weeks_where_nothing_is_left_over(
    warehouse: Warehouse,
) -> None:
    weeks = {WHOLE + timedelta(weeks=week) for week in range(4)}
    later = WHOLE + timedelta(weeks=2)
    for product in ("joining", "joining_unevenly"):
        assert hidden(warehouse, product, f"soon_{product}", "week") >= weeks
    assert hidden(warehouse, "joining", "soon_joining", "fortnight") >= {WHOLE, later}
    assert WHOLE not in hidden(warehouse, "joining", "soon_joining", "four_weeks")
    # five of ten are shown, so the six of the other ten would be what is left of the eleven
    uneven = "soon_joining_unevenly"
    found = [hidden(warehouse, "joining_unevenly", uneven, g) for g in ("fortnight", "four_weeks")]
    assert (WHOLE in found[0], later in found[0], WHOLE in found[1]) == (False, True, True)


def test_the_oracle_says_the_same_of_every_period(warehouse: Warehouse) -> None:
    registry, events = golden_growth.registry(), golden_growth.events()
    assert not disagreements(warehouse, registry, events, golden.AS_OF)
