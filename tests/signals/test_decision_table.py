"""The decision table in SQL gives every combination exactly one verdict, the first that matches."""

from itertools import combinations_with_replacement, product

import duckdb
import pytest

from tests.sql import render

STATES = ("held", "breached", "unresolved")
GRADES = ("A", "B", "C", "D", None)
SIGNALS = ("improved", "none", "worsened")

DECIDE = render(
    """
    select case when is_tripped then 1 else pair_rule end as rule_number,
           {{ verdict_of_rule('case when is_tripped then 1 else pair_rule end') }} as verdict,
           {{ verdict_of_rule('pair_rule') }} as pair_verdict
    from (
        select *, {{ pair_rule('grade', 'enough', 'signal', 'balances', 'breached', 'held') }}
            as pair_rule
        from cases
    )
    order by number
    """
)
COLUMNS = (
    "number integer, grade varchar, enough boolean, signal varchar, balances integer,"
    " breached integer, held integer, is_tripped boolean"
)


def decide(cases: list[tuple]) -> list[tuple[int, str, str]]:
    """Return rule, verdict and pair verdict of cases (grade, enough, signal, states, tripped)."""
    rows = [
        (
            i,
            grade,
            enough,
            signal,
            len(states),
            states.count("breached"),
            states.count("held"),
            is_tripped,
        )
        for i, (grade, enough, signal, states, is_tripped) in enumerate(cases)
    ]
    with duckdb.connect() as connection:
        connection.execute(f"create table cases ({COLUMNS})")
        connection.executemany("insert into cases values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return connection.execute(DECIDE).fetchall()


def expected_rule(
    grade: str | None, enough: bool, signal: str, states: tuple, is_tripped: bool
) -> int:
    """Read the table of the method row by row."""
    rows = [
        is_tripped,
        grade in ("C", "D"),
        not enough,
        signal == "improved" and "breached" in states,
        signal == "improved" and ("unresolved" in states or not states),
        signal == "improved" and set(states) == {"held"},
        signal == "worsened" and "breached" in states,
        signal == "worsened",
        signal == "none" and "breached" in states,
        True,
    ]
    return rows.index(True) + 1


def test_every_combination_has_the_first_matching_row() -> None:
    state_sets = [
        states for size in range(4) for states in combinations_with_replacement(STATES, size)
    ]
    cases = list(product(GRADES, (True, False), SIGNALS, state_sets, (True, False)))
    decided = decide(cases)
    assert len(decided) == len(cases) == 5 * 2 * 3 * 20 * 2
    assert [rule for rule, _, _ in decided] == [expected_rule(*case) for case in cases]
    assert len({verdict for _, verdict, _ in decided}) == 10
    assert all(verdict and pair for _, verdict, pair in decided)


def test_pair_verdict_does_not_look_at_tripwires() -> None:
    tripped = decide([("A", True, "improved", ("held",), True)])[0]
    assert tripped == (1, "tripped", "improved_in_balance")


# lead grade, signal, balances with their own grade, tripwire, enough data; as the method lists them
WORKED = [
    ("A", "improved", [("held", "A")], "no", True, "improved_in_balance"),
    ("A", "improved", [("held", "A"), ("breached", "A")], "no", True, "traded_off"),
    (
        "B",
        "improved",
        [("held", "A"), ("unresolved", "A")],
        "no",
        True,
        "improved_balance_unproven",
    ),
    ("A", "improved", [], "no", True, "improved_balance_unproven"),
    ("A", "improved", [("held", "A"), ("breached", "D")], "no", True, "improved_balance_unproven"),
    ("A", "none", [("held", "A")], "no", True, "no_signal"),
    ("A", "none", [("breached", "B")], "no", True, "side_effect_only"),
    ("A", "worsened", [("held", "A")], "no", True, "worsened"),
    ("A", "worsened", [("breached", "A")], "no", True, "worsened_with_side_effects"),
    ("C", "improved", [("held", "A")], "no", True, "untrusted"),
    ("A", "improved", [("held", "A")], "yes", True, "tripped"),
    ("D", "improved", [("held", "A")], "yes", True, "tripped"),
    ("A", "improved", [("held", "A")], "unverified", True, "improved_in_balance"),
    ("A", "improved", [("held", "A")], "no", False, "insufficient_data"),
]


@pytest.mark.parametrize(("grade", "signal", "balances", "tripwire", "enough", "verdict"), WORKED)
def test_worked_cases_of_the_method(
    grade: str, signal: str, balances: list, tripwire: str, enough: bool, verdict: str
) -> None:
    # a balance of grade C or D is unresolved before the table is looked at, an unverified
    # crossing is no crossing; the warehouse tests prove that the models do so
    states = tuple("unresolved" if g in "CD" else state for state, g in balances)
    assert decide([(grade, enough, signal, states, tripwire == "yes")])[0][1] == verdict
