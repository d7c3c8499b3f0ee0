"""Every combination that a KPI can be in gets exactly one verdict from the models, in one batch."""

from datetime import date
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import duckdb
import pandas as pd

from tests.sql import render_model

WEEK = date(2024, 1, 1)
SIGNALS = ("improved", "none", "worsened")
# a balance that nobody has seen yet is declared and has no row
STATES = ("held", "breached", "unresolved", "unseen")
GRADES = ("A", "B", "C", "D", None)
LIMITS = ("locked", "provisional", "learning", "degenerate", "no_chart")
TRIPWIRES = ("none", "tripped", "unverified")
TABLES = """
create schema registry; create schema signals;
create table registry.run_context (as_of_at timestamp, reporting_time_zone varchar);
create table registry.kpis as
    select kpi_id, 'p' as product_id, 'lead' || kpi_id as metric_id from cases;
create table registry.balances as
    select kpi_id, unnest(range(len(states))) as metric_id from cases;
create table signals.int_signals as
    select 'p' as product_id, 'lead' || kpi_id as metric_id, week_start_date, signal, limit_state
    from cases;
create table signals.int_metric_readiness as
    select 'p' as product_id, 'lead' || kpi_id as metric_id, week_start_date,
        week_start_date as latest_ripe_period_start_date, 1.0 as latest_value, trust_grade,
        has_usable_period, is_suppressed
    from cases;
create table signals.int_balance_windows as
    select kpi_id, 'p' as product_id, week_start_date, cast(number as varchar) as metric_id, state,
        reason
    from (
        select kpi_id, week_start_date, unnest(states) as state,
            unnest(range(len(states))) as number,
            cast(null as varchar) as reason
        from cases
    )
    where state <> 'unseen';
create table signals.int_active_tripwires as
    select kpi_id, 'p' as product_id, week_start_date, tripwire = 'tripped' as is_tripped,
        't' as tripwire_ids, cast(null as varchar) as unverified_tripwire_ids
    from cases where tripwire <> 'none';
"""


class Case(NamedTuple):
    signal: str
    states: tuple[str, ...]
    trust_grade: str | None
    limit_state: str
    has_usable_period: bool
    is_suppressed: bool
    tripwire: str


def expected_rule(case: Case) -> int:
    """Read the method's table, the first matching row."""
    is_learning = case.limit_state != "locked"
    improved, worsened = case.signal == "improved", case.signal == "worsened"
    breached = "breached" in case.states
    rows = [
        case.tripwire == "tripped",
        case.trust_grade in ("C", "D"),
        is_learning or case.is_suppressed or not case.has_usable_period,
        improved and breached,
        improved and (not case.states or bool(set(case.states) & {"unresolved", "unseen"})),
        improved,
        worsened and breached,
        worsened,
        breached,
        True,
    ]
    return rows.index(True) + 1


VERDICTS = [
    "tripped",
    "untrusted",
    "insufficient_data",
    "traded_off",
    "improved_balance_unproven",
    "improved_in_balance",
    "worsened_with_side_effects",
    "worsened",
    "side_effect_only",
    "no_signal",
]


def test_every_combination_gets_one_verdict_and_its_rule() -> None:
    state_sets = [s for size in range(4) for s in combinations_with_replacement(STATES, size)]
    parts = (SIGNALS, state_sets, GRADES, LIMITS, (True, False), (True, False), TRIPWIRES)
    cases = [Case(*parts) for parts in product(*parts)]
    assert len(cases) == 3 * 35 * 5 * 5 * 2 * 2 * 3
    frame = pd.DataFrame(cases).assign(kpi_id=[f"{n:05d}" for n in range(len(cases))])
    frame["states"] = [list(case.states) for case in cases]
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(
            "create table cases as select * replace (states::varchar[] as states), "
            f"date '{WEEK}' as week_start_date from frame"
        )
        connection.execute(TABLES)
        for name in ("int_pair_states", "int_verdicts"):
            connection.execute(f"create table signals.{name} as {render_model(name)}")
        found = connection.execute(
            "select kpi_id, rule_number, verdict, pair_rule_number, pair_verdict "
            "from signals.int_verdicts order by kpi_id"
        ).fetchall()
    assert [row[0] for row in found] == list(frame.kpi_id), "not one row for each"
    for case, (_, rule, verdict, pair_rule, pair_verdict) in zip(cases, found, strict=True):
        untripped = expected_rule(case._replace(tripwire="none"))
        assert (rule, pair_rule) == (expected_rule(case), untripped), case
        assert (verdict, pair_verdict) == (VERDICTS[rule - 1], VERDICTS[pair_rule - 1]), case
