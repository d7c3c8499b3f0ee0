"""The latest week that has had its say is the one that a reading speaks of, complete or not."""

import pytest

from tests.signals.test_balances import improving_lead, spread
from tests.signals.test_verdicts import WEEKS, improving, judge, verdict
from tests.signals.world import Week, World, monday

SOUND = "improved_in_balance"


def checked(world: World, severities: dict[int, int]) -> None:
    """Let check 11 of the lead's source end in some weeks as given."""
    world.execute("insert into metrics.int_metric_lineage values ('p', 'lead', 's')")
    for week, severity in severities.items():
        world.execute(
            "insert into guard.instrument_checks values ('s', ?, 11, ?)", [monday(week), severity]
        )


@pytest.mark.parametrize(
    ("grade", "check_id", "is_over", "expected"),
    [
        ("A", None, True, SOUND),
        ("B", 12, True, SOUND),
        ("C", 12, True, "untrusted"),
        ("D", 11, True, "untrusted"),
        ("D", None, True, "untrusted"),
        ("D", 11, False, SOUND),
        # what is missing may be late: a start, a finish, an earlier step, a number of a sequence
        *((grade, check_id, True, SOUND) for grade in "CD" for check_id in (4, 5, 13, 20)),
    ],
)
def test_a_week_that_is_over_costs_the_verdict_before_it_is_complete(
    world: World, grade: str, check_id: int | None, is_over: bool, expected: str
) -> None:
    lead = improving()
    lead[-1].is_ripe, lead[-1].is_provisional = False, is_over
    lead[-1].grade, lead[-1].check_id = grade, check_id
    judge(world, lead)
    assert verdict(world) == (expected,)
    trust = grade if expected == "untrusted" else None
    if trust:
        assert verdict(world, "trust_grade, rule_number") == (trust, 2)
    assert verdict(world, week=WEEKS - 2) == (SOUND,)


@pytest.mark.parametrize("is_over", [True, False])
def test_readings_agree_about_a_silence_that_ended_before_its_week_is_complete(
    world: World, is_over: bool
) -> None:
    lead = improving()
    lead[-2].is_ripe, lead[-2].is_provisional, lead[-2].grade = False, is_over, "D"
    lead[-1].is_ripe = False
    checked(world, {WEEKS - 2: 3, WEEKS - 1: 0})
    judge(world, lead)
    # no sound week lies between the two readings
    expected = "untrusted" if is_over else SOUND
    assert [verdict(world, week=week)[0] for week in (WEEKS - 2, WEEKS - 1)] == [expected] * 2


def test_a_period_under_way_is_no_better_than_its_worst_week(world: World) -> None:
    lead = improving_lead(WEEKS + 1, 18)
    lead[-1].grade = "D"
    world.add_metric("lead", "stock", lead, natural_period="fortnight")
    world.add_kpi("lead")
    world.judge()
    world.conclude()
    readings = (verdict(world, week=week)[0] for week in (WEEKS - 1, WEEKS))
    assert [words == "untrusted" for words in readings] == [False, True]


@pytest.mark.parametrize("is_ripe", [True, False])
def test_a_lead_that_was_never_sound_is_not_called_young(world: World, is_ripe: bool) -> None:
    lead = [Week(5, is_ripe=is_ripe, is_provisional=not is_ripe, grade="D") for _ in range(6)]
    world.add_metric("lead", "stock", lead)
    world.add_kpi("lead")
    world.judge()
    world.conclude()
    assert {verdict(world, "verdict, trust_grade", week) for week in range(6)} == {
        ("untrusted", "D")
    }


def test_the_one_week_of_a_young_lead_is_awaited_until_it_is_over(world: World) -> None:
    world.add_metric("lead", "stock", [Week(5, is_ripe=False, grade="D")])
    world.add_kpi("lead")
    world.judge()
    world.conclude()
    assert verdict(world, "verdict, trust_grade", 0) == ("insufficient_data", None)


def test_a_lost_week_costs_a_balance_its_state_before_it_is_complete(world: World) -> None:
    balance = spread(WEEKS * 10, WEEKS * 100, WEEKS)
    balance[-1].is_ripe, balance[-1].is_provisional, balance[-1].grade = False, True, "D"
    world.add_metric("lead", "stock", improving())
    world.add_metric("balance", "proportion", balance)
    world.add_kpi("lead", {"balance": (0.05, "absolute", None)})
    world.judge()
    world.conclude()
    rows = world.execute(
        "select state, reason, trust_grade from signals.int_balance_windows "
        "where week_start_date >= ? order by week_start_date",
        [monday(WEEKS - 2)],
    )
    assert rows == [("held", "upper_below_margin", "A"), ("unresolved", "untrusted", "D")]


def pair(world: World, lead: list[Week], balance: list[Week]) -> None:
    """Judge an improving lead with a balance that gets worse."""
    world.add_metric("lead", "stock", lead)
    world.add_metric("balance", "proportion", balance)
    world.add_kpi("lead", {"balance": (0.05, "absolute", None)})
    world.judge()
    world.conclude()


SAID = "pair_verdict, untrusted_balance_count, last_sound_verdict, last_sound_date"


def worse_from(week: int) -> list[Week]:
    """Return weeks of a share that triples in some week."""
    return [Week(10 if number < week else 30, 100) for number in range(WEEKS)]


@pytest.mark.parametrize("lost", [WEEKS - 1, WEEKS - 3])
def test_a_balance_that_cant_be_read_keeps_the_last_sound_verdict_in_view(
    world: World, lost: int
) -> None:
    balance = worse_from(18)
    balance[lost].grade = "C"
    pair(world, improving(), balance)
    assert verdict(world, SAID, lost - 1) == ("traded_off", 0, None, None)
    remembered = ("improved_balance_unproven", 1, "traded_off", monday(lost - 1))
    assert {verdict(world, SAID, week) for week in range(lost, WEEKS)} == {remembered}


def test_a_balance_is_read_again_when_its_lost_week_is_no_part_of_the_four(world: World) -> None:
    balance = worse_from(18)
    balance[WEEKS - 6].grade = "D"
    pair(world, improving(), balance)
    found = [verdict(world, SAID, week)[:2] for week in range(WEEKS - 7, WEEKS)]
    assert found == [
        ("traded_off", 0), *[("improved_balance_unproven", 1)] * 4, *[("traded_off", 0)] * 2,
    ]  # fmt: skip


def test_no_verdict_of_doubtful_or_young_weeks_is_called_the_last_sound_one(world: World) -> None:
    lead, balance = improving(), worse_from(18)
    for week in lead:
        week.grade = "D"
    pair(world, lead, balance)
    assert verdict(world, SAID) == ("untrusted", 0, None, None)


def test_a_side_effect_that_cant_be_read_any_more_is_not_forgotten(world: World) -> None:
    lead = [Week(26 + (1, -2, 2, -1)[number % 4]) for number in range(WEEKS)]
    balance = worse_from(20)
    balance[-1].grade = "D"
    pair(world, lead, balance)
    assert verdict(world, SAID) == ("no_signal", 1, "side_effect_only", monday(WEEKS - 2))
