"""Served tables are held against their promises before publishing; what blocks is not served."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import numpy as np
import pytest

from expectations.run import ExpectationError, Outcome, evaluate
from expectations.suites.marts import looked_at, mart_suite, scope
from orchestration.defs.conclude.checks import broken_words, marts_hold, named_words
from orchestration.defs.conclude.gate import judge_marts, judged, mart_frame
from orchestration.defs.publish.contracts import read_contracts
from orchestration.increment import TABLES
from orchestration.method.charts import probability_limits
from orchestration.resources import WorkspaceResource
from orchestration.workspace import Workspace

CONTRACTS = {contract.name: contract for contract in read_contracts()}
PERSONAL = ("person_id", "actor", "user_id", "email", "login", "author", "assignee")
ROWS: dict[str, dict[str, Any]] = {
    "dim_products": {"product_id": "cms"},
    "dim_metrics": {"metric_id": "share", "kind": "proportion", "direction": "up"},
    "dim_kpis": {"kpi_id": "k", "product_id": "cms", "metric_id": "share"},
    "dim_sources": {"source_id": "editor", "product_id": "cms"},
    "fct_metric_values": {
        "product_id": "cms", "metric_id": "share", "segment_type": "all", "segment_value": "all",
        "period_grain": "week", "period_start_date": "2026-03-02", "value": 0.5, "numerator": 5.0,
        "denominator": 10.0, "unit_count": 10, "ci_low": 0.24, "ci_high": 0.76,
        "ci_method": "wilson", "is_ripe": True, "is_suppressed": False, "trust_grade": "A",
    },
    "fct_metric_signals": {
        "product_id": "cms", "metric_id": "share", "period_grain": "week",
        "period_start_date": "2026-03-02", "value": 0.5, "centre": 0.4, "lower_limit": 0.1,
        "upper_limit": 0.7, "limit_state": "locked", "chart_method": "laney_p",
    },
    "fct_intake_reconciliation": {"file_id": "f", "is_balanced": True},
    "kpi_scorecard": {
        "product_id": "cms", "kpi_id": "k", "metric_id": "share", "verdict": "no_signal",
        "pair_verdict": "no_signal", "signal": "none", "trust_grade": "A",
    },
    "fct_tasks": {"item_id": "t", "product_id": "cms", "state": "finished", "duration_hours": 2.0},
}  # fmt: skip

Warehouse = Callable[..., Path]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """Make a warehouse of marts with one good row each, changed by SQL statements."""

    def make(*statements: str) -> Path:
        file = Workspace(tmp_path / "home").database
        file.parent.mkdir(parents=True)
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema marts; create schema built")
            for name in ("promises", "run_plan"):
                connection.execute(f"create table built.{name} ({TABLES[name]})")
            connection.execute("insert into built.run_plan (is_increment) values (true)")
            for name, contract in CONTRACTS.items():
                nullable = contract.create_statement(f"marts.{name}").replace(" not null", "")
                connection.execute(nullable)
                row = ROWS.get(name)
                if row:
                    marks = ", ".join("?" * len(row))
                    connection.execute(
                        f"insert into marts.{name} ({', '.join(row)}) values ({marks})",
                        list(row.values()),
                    )
            for statement in statements:
                connection.execute(statement)
        return file

    return make


def broken(file: Path, name: str) -> dict[str, int]:
    """Return what is broken of one table's promises, with its severity."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return {o.said: o.severity for o in judged(connection, CONTRACTS[name]) if o.severity}


def test_good_rows_keep_every_promise(warehouse: Warehouse) -> None:
    outcomes = judge_marts(warehouse())
    assert set(outcomes) == set(CONTRACTS)
    assert [o for found in outcomes.values() for o in found if o.severity] == []


VALUES = "update marts.fct_metric_values set "
SIGNALS = "update marts.fct_metric_signals set "


@pytest.mark.parametrize(
    ("statement", "name", "said", "severity"),
    [
        ("insert into marts.fct_metric_values from marts.fct_metric_values", "fct_metric_values",
         "product_id, metric_id, segment_type, segment_value, period_grain, period_start_date tell "
         "rows apart", 3),
        ("alter table marts.fct_tasks add column person_id varchar", "fct_tasks",
         "columns are those of the contract", 3),
        (VALUES + "product_id = 'nobody'", "fct_metric_values", "product_id is in dim_products", 2),
        (VALUES + "value = 1.5, numerator = null, ci_high = 2", "fct_metric_values",
         "shares lie from 0 to 1", 3),
        (VALUES + "numerator = 11", "fct_metric_values",
         "a share has no more parts than its whole", 3),
        (VALUES + "ci_low = 0.6", "fct_metric_values",
         "values lie above the low end of their intervals", 2),
        (VALUES + "ci_high = 0.4", "fct_metric_values",
         "values lie below the high end of their intervals", 2),
        (VALUES + "ci_high = 0.4, ci_method = 'cluster_bootstrap'", "fct_metric_values",
         "values lie below the high end of their resampled intervals", 1),
        (VALUES + "value = null", "fct_metric_values", "no value is missing without a reason", 3),
        (VALUES + "trust_grade = 'D'", "fct_metric_values", "no value of trust D is shown", 3),
        (VALUES + "trust_grade = 'E'", "fct_metric_values", "grades are A to D", 3),
        (VALUES + "is_suppressed = true", "fct_metric_values",
         "no figure of few people is shown", 3),
        (VALUES + "no_value_reason = 'forgot'", "fct_metric_values", "reasons are known", 1),
        (VALUES + "last_trusted_period_start_date = date '2026-03-09'", "fct_metric_values",
         "the last trusted period lies before", 2),
        (SIGNALS + "lower_limit = 0.45", "fct_metric_signals",
         "lower limits lie below the centre", 2),
        (SIGNALS + "upper_limit = 0.35", "fct_metric_signals",
         "upper limits lie above the centre", 2),
        (SIGNALS + "chart_method = 'probability', lower_limit = 0.8", "fct_metric_signals",
         "limits of rare events are in order", 2),
        ("update marts.kpi_scorecard set trust_reason = 'doubled'", "kpi_scorecard",
         "a lead of trust A or B has no reason of distrust", 2),
        ("update marts.kpi_scorecard set verdict = 'good'", "kpi_scorecard",
         "verdicts are those of the decision table", 3),
        ("update marts.fct_intake_reconciliation set is_balanced = false",
         "fct_intake_reconciliation", "lines of each file add up", 3),
        ("update marts.fct_tasks set duration_hours = -1", "fct_tasks",
         "tasks don't end before they begin", 2),
        ("update marts.fct_tasks set duration_hours = null", "fct_tasks",
         "finished tasks have a duration", 2),
    ],
)  # fmt: skip
def test_each_promise_is_broken_alone(
    warehouse: Warehouse, statement: str, name: str, said: str, severity: int
) -> None:
    assert broken(warehouse(statement), name) == {said: severity}


@pytest.mark.parametrize(
    "rounded",
    [
        "value = 0.1::double + 0.2::double, ci_low = 0.3, ci_high = 0.3",
        "value = 0, ci_low = 8.6e-19",
    ],
)
def test_what_rounding_takes_off_an_interval_is_no_finding(
    warehouse: Warehouse, rounded: str
) -> None:
    file = warehouse(f"{VALUES} {rounded}, numerator = null")
    assert broken(file, "fct_metric_values") == {}


def test_median_of_rare_events_may_lie_outside_the_limits_of_one_large_week(
    warehouse: Warehouse,
) -> None:
    # half of the weeks have twenty items and none found, one has 457 of which 3 to 23 are usual
    low, high = (float(end[0]) / 457 for end in probability_limits(0.0262, np.array([457]), True))
    file = warehouse(
        f"{SIGNALS} chart_method = 'probability', centre = 0, lower_limit = {low}, "
        f"upper_limit = {high}"
    )
    assert 0 < low < high
    assert broken(file, "fct_metric_signals") == {}


def test_of_rows_all_columns_are_fetched_that_an_expectation_names() -> None:
    known = {"column", "column_A", "column_B", "column_list"}
    known |= {"row_condition", "condition_parser", "batch_id", "table", "ignore_row_if"}
    for contract in CONTRACTS.values():
        columns = [column.name for column in contract.columns]
        suite = mart_suite(contract.name, contract.grain, columns)
        assert [scope(e) for e in suite.expectations].count("columns") == 1
        for expectation in suite.expectations:
            # a kind that names columns in another way would be judged without them
            assert set(type(expectation).domain_keys) <= known
            assert getattr(expectation, "row_condition", None) is None
            assert bool(looked_at(expectation)) == (scope(expectation) != "columns")


TASKS = (
    "insert into marts.fct_tasks by name "
    "select 'item ' || i as item_id, 'cms' as product_id, 'finished' as state, 2.0 as "
    "duration_hours, date '2026-01-05' + 7 * (i % 13)::integer as week_start_date "
    "from range(39) as r (i)"
)
WEEK = "week_start_date = date '2026-02-02'"


def found(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """What became of the promises of tasks, without those that hold of no rows."""
    outcomes = judged(connection, CONTRACTS["fct_tasks"])
    return [(o.said, o.severity, o.element_count, o.broken_count) for o in outcomes]


@pytest.mark.parametrize(
    ("statement", "is_broken"),
    [
        ("delete from marts.fct_tasks where item_id = 'item 3'", False),
        (f"update marts.fct_tasks set state = 'lost' where {WEEK}", True),
        (f"update marts.fct_tasks set duration_hours = null where {WEEK}", True),
        ("insert into marts.fct_tasks from marts.fct_tasks where item_id = 'item 3'", True),
        # a task of March that is one of January as well
        ("update marts.fct_tasks set item_id = 'item 0' where item_id = 'item 12'", True),
        # no row of tasks is another
        ("delete from marts.dim_products", True),
    ],
)
def test_a_large_table_is_judged_by_month_as_it_is_at_once(
    warehouse: Warehouse, statement: str, is_broken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = warehouse("delete from marts.fct_tasks", TASKS)
    with duckdb.connect(str(file)) as connection:
        at_once = found(connection)
        # 12, 12, 15 and 0 rows a month, in several frames
        monkeypatch.setattr("orchestration.defs.conclude.gate.MOST_ROWS", 5)
        assert found(connection) == found(connection) == at_once
        connection.execute(statement)
        by_month = found(connection)
        monkeypatch.undo()
        assert by_month == found(connection) != at_once
        assert any(severity for _, severity, *_ in by_month) == is_broken


def test_months_that_lie_as_before_are_not_judged_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = warehouse(
        "delete from marts.fct_tasks",
        TASKS,
        "insert into marts.dim_run (code_version) values ('one')",
    )
    gate = "orchestration.defs.conclude.gate"
    monkeypatch.setattr(f"{gate}.MOST_ROWS", 20)
    frames = []
    monkeypatch.setattr(
        f"{gate}.mart_frame",
        lambda *given: frames.append(frame := mart_frame(*given)) or frame,
    )
    with duckdb.connect(str(file)) as connection:
        sizes = []
        for statement in (
            "select 1",
            "select 1",
            f"update marts.fct_tasks set duration_hours = 3 where {WEEK}",
            "update marts.dim_run set code_version = 'another'",
            "update built.run_plan set is_increment = false",
        ):
            connection.execute(statement)
            frames.clear()
            found(connection)
            sizes.append([len(frame) for frame in frames if len(frame)])
    assert sizes == [[12, 12, 15], [], [12], [12, 12, 15], [12, 12, 15]]


def test_what_gx_raises_is_an_error_and_no_finding(warehouse: Warehouse) -> None:
    contract = CONTRACTS["fct_tasks"]
    suite = mart_suite(contract.name, contract.grain, [c.name for c in contract.columns])
    with duckdb.connect(str(warehouse()), read_only=True) as connection:
        frame = mart_frame(connection, contract).drop(columns="state")
    with pytest.raises(ExpectationError, match="state"):
        evaluate(suite, frame)


def test_outcomes_are_served_and_replaced_by_the_next_run(warehouse: Warehouse) -> None:
    file = warehouse(VALUES + "ci_low = 0.6")
    counted = "select count(*), count(*) filter (where severity > 0) from marts.fct_contract_checks"
    found = []
    for _ in range(2):
        outcomes = judge_marts(file)
        with duckdb.connect(str(file), read_only=True) as connection:
            found.append(connection.execute(counted).fetchall()[0])
    assert found == [(sum(map(len, outcomes.values())), 1)] * 2


@pytest.mark.parametrize(
    ("statement", "is_published"),
    [(VALUES + "trust_grade = 'D'", False), (VALUES + "ci_low = 0.6", True)],
    ids=["a block stops", "a failure is shown"],
)
def test_what_blocks_is_not_published(
    warehouse: Warehouse, statement: str, is_published: bool
) -> None:
    file = warehouse(statement)
    keys = [dg.AssetKey(["marts", name]) for name in CONTRACTS]
    published = []

    @dg.multi_asset(specs=[dg.AssetSpec(key) for key in keys])
    def marts():
        for key in keys:
            yield dg.MaterializeResult(key)

    @dg.asset(deps=keys)
    def publication() -> None:
        published.append(True)

    result = dg.materialize(
        [marts, publication, marts_hold],
        resources={"workspace": WorkspaceResource(home=str(file.parents[1]))},
        raise_on_error=False,
    )
    assert (result.success, bool(published)) == (is_published, is_published)
    failed = {e.asset_key.path[-1] for e in result.get_asset_check_evaluations() if not e.passed}
    assert failed == {"fct_metric_values"}


def test_every_promise_says_defect_severity_and_direction() -> None:
    directions = ("too low", "too high", "either", "better", "too often", "too wide", "too new",
                  "No value is wrong")  # fmt: skip
    for contract in CONTRACTS.values():
        suite = mart_suite(contract.name, contract.grain, [c.name for c in contract.columns])
        said = [expectation.meta["said"] for expectation in suite.expectations]
        assert len(said) == len(set(said)), contract.name
        for expectation in suite.expectations:
            assert expectation.meta["defect"]
            assert expectation.meta["severity"] in ("warn", "fail", "block")
            assert any(word in expectation.notes for word in directions), expectation.notes


def test_no_contract_has_a_column_of_a_person() -> None:
    for contract in CONTRACTS.values():
        names = [column.name for column in contract.columns]
        assert not [name for name in names for word in PERSONAL if word in name], contract.name


def test_a_table_without_rows_keeps_its_promises(warehouse: Warehouse) -> None:
    with duckdb.connect(str(warehouse()), read_only=True) as connection:
        outcomes: list[Outcome] = judged(connection, CONTRACTS["fct_outages"])
    assert {o.element_count for o in outcomes} == {0, None}
    assert not [o for o in outcomes if o.severity]


def test_what_is_broken_is_told_with_what_it_costs() -> None:
    told = "warns: 2 rows break the promise that values lie in their intervals"
    assert broken_words(1, 2, "values lie in their intervals") == told
    assert broken_words(2, 1, "p") == "fails: 1 row breaks the promise that p"
    assert broken_words(3, None, "p") == "blocks: it breaks the promise that p"


def test_rows_that_break_a_promise_are_named_by_keys_that_name_nobody(
    warehouse: Warehouse,
) -> None:
    copies = ", ".join(f"('p{number}')" for number in range(5))
    database = warehouse(
        "update marts.fct_metric_values set denominator = 1, numerator = 2",
        "update marts.dim_metrics set kind = 'proportion'",
        "insert into marts.fct_metric_values select v.* replace (c.product_id as product_id) "
        f"from marts.fct_metric_values as v, (values {copies}) as c (product_id)",
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        outcomes = judged(connection, CONTRACTS["fct_metric_values"])
    (broken,) = (o for o in outcomes if o.said.startswith("a share has no more parts"))
    assert (broken.severity, broken.broken_count, len(broken.rows)) == (3, 6, 3)
    row = ROWS["fct_metric_values"]
    key = f"{row['metric_id']} {row['period_grain']} {row['period_start_date']}"
    others = sorted([row["product_id"], *(f"p{number}" for number in range(5))])
    assert list(broken.rows) == [f"{product} {key}" for product in others[:3]]
    assert named_words(broken) == f" ({', '.join(broken.rows)} and 3 other rows)"
    assert not [o for o in outcomes if not o.severity and o.rows]
