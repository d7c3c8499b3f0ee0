"""Sessions, quantiles and the other facts of use give the worked figures of the method."""

from datetime import date, timedelta

import pytest
from duckdb import DuckDBPyConnection as Warehouse

from tests.oracles.test_worked_figures import FIRST, SECOND, value


def lengths(warehouse: Warehouse, person: str, product: str = "visits") -> list[tuple[int, float]]:
    """Return (events, minutes) of a person's sessions, in order."""
    return warehouse.execute(
        "select event_count, length_us / 6e7 from core.int_sessions "
        "where person_id = ? and product_id = ? order by session_number",
        [person, product],
    ).fetchall()


def test_a_session_goes_on_for_half_an_hour_and_not_a_second_longer(
    golden_warehouse: Warehouse,
) -> None:
    assert lengths(golden_warehouse, "worked") == [(3, 39), (4, 61)]
    assert lengths(golden_warehouse, "stays") == [(2, 30)]
    assert lengths(golden_warehouse, "splits") == [(1, 0), (1, 0)]


def test_midnight_breaks_no_session_and_a_week_holds_those_that_begin_in_it(
    golden_warehouse: Warehouse,
) -> None:
    (owl,) = lengths(golden_warehouse, "owl")
    assert owl == (4, pytest.approx(36))
    weeks = golden_warehouse.execute(
        "select week_start_date from core.int_sessions where person_id = 'sunday'"
    ).fetchall()
    assert weeks == [(FIRST,)]


def test_machines_probes_and_nobody_have_no_sessions(golden_warehouse: Warehouse) -> None:
    found = golden_warehouse.execute(
        "select product_id, count(*), count(distinct person_id) from core.int_sessions "
        "where product_id like 'visits%' group by all order by 1"
    ).fetchall()
    assert found == [("visits", 7, 5), ("visits_elsewhere", 1, 1)]


def test_a_session_of_one_event_is_counted_and_has_no_length(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "visits", "sessions_per_person") == pytest.approx(7 / 5)
    # 39 and 61, 30, 36 and 12 minutes; the two of one event are left out
    assert value(golden_warehouse, "visits", "session_mean") == pytest.approx(178 / 5)
    assert value(golden_warehouse, "visits", "session_median") == pytest.approx(36)
    assert value(golden_warehouse, "visits", "session_median", "unit_count") == 5
    reason = value(golden_warehouse, "visits", "session_median", "no_value_reason", SECOND)
    assert reason == "no_items"


def test_a_quantile_lies_between_its_neighbours(golden_warehouse: Warehouse) -> None:
    found = [value(golden_warehouse, "loads", f"load_{name}") for name in ("p50", "p75", "p95")]
    assert found == pytest.approx([650, 925, 1145])


def test_the_interval_of_a_median_is_the_third_and_the_tenth_of_twelve(
    golden_warehouse: Warehouse,
) -> None:
    low, high = (value(golden_warehouse, "loads", "load_p50", c) for c in ("ci_low", "ci_high"))
    assert (low, high) == (300, 1000)
    assert value(golden_warehouse, "loads", "load_p95", "ci_high") is None


def test_a_longer_period_is_recomputed_from_its_items(golden_warehouse: Warehouse) -> None:
    # 10000, and 100 200 300: the mean of the weeks' medians would be 5100
    assert value(golden_warehouse, "loads", "load_p50", week=SECOND) == 10_000
    assert value(golden_warehouse, "loads", "load_p50", week=SECOND, grain="fortnight") == 250


def test_items_sampled_at_several_rates_have_no_quantile(golden_warehouse: Warehouse) -> None:
    fifth = date(2025, 3, 31)
    assert value(golden_warehouse, "loads", "load_p50", week=fifth) is None
    reason = value(golden_warehouse, "loads", "load_p50", "no_value_reason", fifth)
    assert reason == "mixed_sampling"


def cells(warehouse: Warehouse) -> dict[tuple[date, int], tuple[int, int, bool]]:
    """Return (retained, cohort, complete) of the worked cohorts by cohort and week number."""
    rows = warehouse.execute(
        "select cohort_week_start_date, week_number, retained_people, cohort_people, is_complete "
        "from metrics.int_retention_cells where product_id = 'cohorts' and week_number <= 3"
    ).fetchall()
    return {(cohort, number): tuple(rest) for cohort, number, *rest in rows}


def test_retention_is_bounded_and_unknown_until_its_week_is_complete(
    golden_warehouse: Warehouse,
) -> None:
    found = cells(golden_warehouse)
    shares = [found[FIRST, number][:2] for number in (1, 2, 3)]
    assert shares == [(2, 4), (2, 4), (1, 4)]
    # more come in the second week after than in the first: retention is no funnel
    assert [found[SECOND, number] for number in (1, 2, 3)] == [
        (1, 2, True), (2, 2, True), (0, 2, False)
    ]  # fmt: skip
    third = date(2025, 3, 17)
    assert [found[third, number][2] for number in (1, 2)] == [True, False]


def test_pooled_retention_adds_complete_cells_only(golden_warehouse: Warehouse) -> None:
    # four weeks from 24 February hold the three cohorts; the last of them isn't complete for k = 2
    pooled = [
        [value(golden_warehouse, "cohorts", f"retention_week_{week}", column,
               date(2025, 2, 24), "four_weeks") for column in ("numerator", "denominator")]
        for week in (1, 2)
    ]  # fmt: skip
    assert pooled == [[4, 7], [4, 6]]
    low = value(golden_warehouse, "cohorts", "retention_week_1", "ci_low")
    assert low == pytest.approx(0.1500390), "Wilson for 2 of 4"
    lates = [value(golden_warehouse, "cohorts", "retention_week_2", "is_ripe", week)
             for week in (SECOND, date(2025, 3, 17))]  # fmt: skip
    assert lates == [True, False]


def test_growth_accounting_adds_up_and_leavers_have_not_churned(
    golden_warehouse: Warehouse,
) -> None:
    def weeks(product: str) -> list[tuple[int, ...]]:
        return golden_warehouse.execute(
            "select active_people, new_people, retained_people, resurrected_people, "
            "churned_people, departed_people from metrics.int_growth_weeks "
            "where product_id = ? and is_complete order by week_start_date",
            [product],
        ).fetchall()

    assert weeks("growth") == [(4, 4, 0, 0, 0, 0), (3, 1, 2, 0, 2, 0), (4, 1, 2, 1, 1, 0)]
    # D left in the last second of week two and C as it ended, so only D is departed in it
    assert weeks("growth_left")[1] == (3, 1, 2, 0, 1, 1)
    assert value(golden_warehouse, "growth", "churn_rate", week=SECOND) == 0.5
    found = [value(golden_warehouse, "growth_left", "churn_rate", column, SECOND)
             for column in ("numerator", "denominator")]  # fmt: skip
    assert found == [1, 3]


def test_stickiness_is_per_working_day(golden_warehouse: Warehouse) -> None:
    assert value(golden_warehouse, "sticky", "stickiness") == pytest.approx(0.6)


def test_activation_counts_those_whose_window_is_over(golden_warehouse: Warehouse) -> None:
    parts = [value(golden_warehouse, "activation", "activated", column)
             for column in ("numerator", "denominator", "is_ripe")]  # fmt: skip
    assert parts == [2, 4, True]
    assert value(golden_warehouse, "activation", "activated", "is_ripe", date(2025, 3, 17)) is False
    members = golden_warehouse.execute(
        "select match_value, is_activated from core.int_activation_entries "
        "where match_value in ('u1', 'u2', 'u3', 'u4') order by 1"
    ).fetchall()
    # u3's second action comes as the window ends; u4's first on the start itself
    assert members == [("u1", True), ("u2", False), ("u3", False), ("u4", True)]


def test_a_funnel_has_one_entry_a_window_and_its_steps_in_order(
    golden_warehouse: Warehouse,
) -> None:
    found = golden_warehouse.execute(
        "select reached_count, first_step_event_count from metrics.int_funnel_weeks "
        "where funnel_id = 'buying' order by step_number"
    ).fetchall()
    assert found == [(4, 8), (2, 8), (1, 8)]
    assert value(golden_warehouse, "funnel", "conversion") == 0.25


def test_steps_of_one_type_are_told_apart_by_what_a_property_holds(
    golden_warehouse: Warehouse,
) -> None:
    found = golden_warehouse.execute(
        "select event_type, reached_count, first_step_event_count "
        "from metrics.int_funnel_weeks where funnel_id = 'baskets' order by step_number"
    ).fetchall()
    # a and d take all three steps in order, b skips one, c only comes to the basket at the end
    assert found == [
        ("step.entered basket", 4, 5),
        ("step.entered address", 2, 5),
        ("step.entered payment", 2, 5),
    ]
    assert value(golden_warehouse, "funnel_by_value", "conversion_by_value") == 0.5


def test_a_touch_enters_again_as_the_window_ends_and_not_a_second_before(
    golden_warehouse: Warehouse,
) -> None:
    entries = golden_warehouse.execute(
        "select match_value, date_diff('second', timestamp '2025-03-02 23:00:00', entered_at) "
        "from core.int_funnel_entries where funnel_id = 'buying_again' order by all"
    ).fetchall()
    assert entries == [("a", 0), ("a", 168 * 3600), ("b", 3600)]
    # a's second step comes as the first window ends, so it belongs to the second one
    found = golden_warehouse.execute(
        "select match_value, week_start_date from core.int_funnel_steps "
        "where funnel_id = 'buying_again' and step_number = 2 order by all"
    ).fetchall()
    assert found == [("a", SECOND), ("b", FIRST)]


def test_a_small_step_hides_all_steps_of_its_week_and_people_are_counted_once(
    golden_warehouse: Warehouse,
) -> None:
    found = golden_warehouse.execute(
        "select week_start_date, list(reached_count order by step_number), "
        "list(is_small order by step_number) from metrics.int_funnel_weeks "
        "where funnel_id = 'buying_few' group by 1 order by 1"
    ).fetchall()
    assert found == [
        # three of twelve leave before the last step
        (FIRST, [20, 12, 9], [True, True, True]),
        # twelve entries go on, but they are four people
        (SECOND, [28, 12, 0], [True, True, True]),
        (SECOND + timedelta(weeks=1), [20, 10, 5], [False, False, False]),
    ]
    weeks = golden_warehouse.execute(
        "select period_start_date from metrics.int_metric_periods_suppressed "
        "where metric_id = 'conversion_of_few' and period_grain = 'week' order by 1"
    ).fetchall()
    assert weeks[:2] == [(FIRST,), (SECOND,)] and (SECOND + timedelta(weeks=1),) not in weeks


def test_reasons_of_the_last_days_are_added_up_and_no_reason_is_unknown(
    golden_warehouse: Warehouse,
) -> None:
    def table(name: str) -> dict[str | None, float]:
        rows = golden_warehouse.execute(
            "select reason, amount from metrics.int_diagnostic_reasons where diagnostic_id = ?",
            [name],
        ).fetchall()
        return dict(rows)

    # a blank reason is none; a sampled event stands for ten; what is two days old is too old
    assert table("count") == {"disk": 2, "net": 10, "age": 1, None: 2}
    assert table("minutes") == {"disk": 30, "net": 300, "age": 4, None: 6}


def test_reasons_of_fewer_than_five_people_hide_a_table_of_people(
    golden_warehouse: Warehouse,
) -> None:
    rows = golden_warehouse.execute(
        "select diagnostic_id, reason, is_small from metrics.int_diagnostic_reasons "
        "where product_id like 'why%' order by all"
    ).fetchall()
    assert rows == [("why", "other", True), ("why", "price", True),
                    ("why_not", "price", False), ("why_not", "speed", False)]  # fmt: skip
