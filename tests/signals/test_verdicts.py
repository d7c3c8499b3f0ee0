"""Verdicts rest on trust, ripeness and tripwires as the decision table says."""

import pytest

from tests.signals.test_balances import improving_lead, spread, stable_lead
from tests.signals.world import Week, World, monday

WEEKS = 34


def judge(world: World, lead: list[Week], *, balance: bool = True) -> None:
    """Judge a lead with one balance that holds."""
    world.add_metric("lead", "stock", lead)
    world.add_metric("balance", "proportion", spread(len(lead) * 10, len(lead) * 100, len(lead)))
    world.add_kpi("lead", {"balance": (0.05, "absolute", None)} if balance else {})
    world.judge()
    world.conclude()


def verdict(world: World, columns: str = "verdict", week: int = WEEKS - 1) -> tuple:
    (row,) = world.execute(
        f"select {columns} from signals.int_verdicts where week_start_date = ?", [monday(week)]
    )
    return row


def improving() -> list[Week]:
    return improving_lead(WEEKS, 18)


def test_improved_lead_with_a_held_balance_is_in_balance(world: World) -> None:
    judge(world, improving())
    assert verdict(world, "verdict, rule_number, states, trust_grade") == (
        "improved_in_balance",
        6,
        "balance=held",
        "A",
    )


def test_lead_without_a_balance_is_unproven(world: World) -> None:
    judge(world, improving(), balance=False)
    assert verdict(world, "verdict, states") == ("improved_balance_unproven", None)


def test_history_shows_each_week_as_it_was(world: World) -> None:
    judge(world, improving())
    assert [verdict(world, week=w)[0] for w in (5, 14, 16, 28)] == [
        "insufficient_data",
        "insufficient_data",
        "no_signal",
        "improved_in_balance",
    ]


@pytest.mark.parametrize(("weeks_ago", "expected"), [(3, "untrusted"), (4, "improved_in_balance")])
def test_worst_of_the_four_latest_ripe_weeks_is_the_trust(
    world: World, weeks_ago: int, expected: str
) -> None:
    lead = improving()
    lead[WEEKS - 1 - weeks_ago].grade = "D"
    judge(world, lead)
    assert verdict(world) == (expected,)


def test_unripe_weeks_do_not_count_among_the_four(world: World) -> None:
    lead = improving()
    lead[-6].grade = "C"
    for week in lead[-3:]:
        week.is_ripe = False
    judge(world, lead)
    assert verdict(world) == ("untrusted",)


def test_no_usable_week_among_the_four_latest_is_not_enough(world: World) -> None:
    lead = improving()
    for week in lead[-4:]:
        week.reason = "no_denominator"
    judge(world, lead)
    assert verdict(world, "verdict, rule_number") == ("insufficient_data", 3)


def test_suppressed_lead_is_not_judged(world: World) -> None:
    lead = improving()
    lead[-1].is_suppressed = True
    judge(world, lead)
    assert verdict(world) == ("insufficient_data",)


def test_kpi_that_was_never_measured_gets_a_verdict_too(world: World) -> None:
    world.add_metric("other", "stock", stable_lead(20))
    world.add_kpi("lead")
    world.judge()
    world.conclude()
    assert world.execute("select verdict, rule_number, limit_state from signals.int_verdicts") == [
        ("insufficient_data", 3, "no_data")
    ]


def cross(world: World, week: int, grade: str | None) -> None:
    """Cross a tripwire whose metric has a grade (None: was never checked)."""
    world.execute("insert into registry.tripwires values ('t', 'k', 'level')")
    world.execute(
        "insert into metrics.int_tripwire_levels values ('t', 'k', 'p', ?, 1, 1, true)",
        [monday(week)],
    )
    if grade:
        world.execute(
            "insert into guard.metric_trust values ('p', 'level', ?, ?, null)",
            [monday(week), grade],
        )


@pytest.mark.parametrize("grade", ["A", "B", "C"])
def test_tripwire_gives_the_headline_and_keeps_the_pair(world: World, grade: str) -> None:
    cross(world, WEEKS - 1, grade)
    judge(world, improving())
    assert verdict(world, "verdict, rule_number, pair_verdict, pair_rule_number, tripwire_ids") == (
        "tripped",
        1,
        "improved_in_balance",
        6,
        "t",
    )


@pytest.mark.parametrize("grade", ["D", None])
def test_crossing_that_nobody_vouches_for_is_unverified(world: World, grade: str | None) -> None:
    cross(world, WEEKS - 1, grade)
    judge(world, improving())
    assert verdict(world, "verdict, is_tripped, unverified_tripwire_ids") == (
        "improved_in_balance",
        False,
        "t",
    )


@pytest.mark.parametrize(("weeks_ago", "is_tripped"), [(3, True), (4, False)])
def test_tripwire_shows_for_four_weeks(world: World, weeks_ago: int, is_tripped: bool) -> None:
    cross(world, WEEKS - 1 - weeks_ago, "A")
    judge(world, improving())
    assert verdict(world, "is_tripped") == (is_tripped,)


def test_confirmed_change_is_kept_with_the_week_it_was_reached(world: World) -> None:
    lead = improving()
    lead[-1] = Week(60)
    judge(world, lead)
    columns = "verdict, last_confirmed_verdict, last_confirmed_date"
    reached = next(w for w in range(WEEKS) if verdict(world, week=w)[0] == "improved_in_balance")
    assert verdict(world, columns, WEEKS - 2)[1:] == ("improved_in_balance", monday(reached))
    assert verdict(world, columns)[:2] == ("worsened", "worsened")
    assert verdict(world, columns, 10)[1:] == (None, None)


def silence(world: World, week: int, severity: int = 3) -> None:
    """Let the source of the lead be past its silence horizon at the end of a week."""
    world.execute("insert into metrics.int_metric_lineage values ('p', 'lead', 's')")
    world.execute(
        "insert into guard.instrument_checks values ('s', ?, 11, ?)", [monday(week), severity]
    )


@pytest.mark.parametrize(("severity", "expected"), [(3, "untrusted"), (0, "improved_in_balance")])
def test_source_that_went_silent_is_not_spoken_for_by_its_last_ripe_weeks(
    world: World, severity: int, expected: str
) -> None:
    lead = improving()
    for week in lead[-2:]:
        week.is_ripe, week.grade = False, "D"
    silence(world, WEEKS - 1, severity)
    judge(world, lead)
    assert verdict(world) == (expected,)
    assert verdict(world, week=WEEKS - 3) == ("improved_in_balance",)


def test_silence_that_costs_no_grade_costs_no_verdict(world: World) -> None:
    lead = improving()
    silence(world, WEEKS - 1)
    judge(world, lead)
    assert verdict(world) == ("improved_in_balance",)
