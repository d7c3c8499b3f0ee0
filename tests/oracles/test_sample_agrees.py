"""The sample organisation, computed twice: no metric, segment, period or table is exempt."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest

from orchestration.defs.judge.contributions import SENT, Shares
from orchestration.defs.judge.trust import Checks, metric_trust
from orchestration.defs.judge.trust_overrides import Override, Overrides
from orchestration.workspace import Workspace
from tests.oracles import compare, known, oracle_quarters, oracle_tables
from tests.oracles.compare import Key, Reading, is_close, oracle_of, query, rows_of
from tests.oracles.oracle_doubts import Result
from tests.oracles.oracle_grid import WEEK, bounds
from tests.oracles.oracle_hiding import RULES
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.oracle_people import Cell
from tests.oracles.oracle_secret import Secrets
from tests.oracles.oracle_segments import SegmentOracle
from tests.oracles.oracle_served import ServedOracle
from tests.oracles.oracle_trust import Trust

TOLD_ANYWAY = ("observed_weeks", "is_complete")
"""Figures of a quarter that no D hides: how long it was watched."""


@pytest.fixture(scope="module")
def oracle(published_sample: Workspace) -> Oracle:
    """Return the oracle over the landing files of the sample."""
    return oracle_of(published_sample)


@pytest.fixture(scope="module")
def readings(oracle: Oracle) -> dict[Key, Reading]:
    """Return all that the oracle says of whole products."""
    return oracle.readings()


def by_metric(found: list[compare.Difference]) -> Counter[tuple[str, str, str]]:
    """Return how often which column of which metric differs."""
    return Counter((d.product_id, d.metric_id, d.column) for d in found)


def test_every_metric_and_period_is_what_the_oracle_computes_from_the_same_files(
    published_sample: Workspace, readings: dict[Key, Reading]
) -> None:
    computed = rows_of(query(published_sample, compare.COMPUTED))
    found = compare.differences(computed, readings)
    assert len(computed) > 12_000
    assert not found, (by_metric(found), found[:3])


@pytest.fixture(scope="module")
def served_oracle(
    published_sample: Workspace, oracle: Oracle, readings: dict[Key, Reading]
) -> ServedOracle:
    """Return the oracle of what is served, hidden or withheld."""
    checks, on_metrics = compare.CHECKS, compare.ON_METRICS
    found = (query(published_sample, sql) for sql in (checks, on_metrics))
    results = [Result(*row) for row in query(published_sample, compare.RESULTS)]
    return ServedOracle(oracle, readings, *found, results)


def test_every_row_that_is_served_is_the_oracles_be_it_shown_hidden_or_withheld(
    published_sample: Workspace, served_oracle: ServedOracle
) -> None:
    served = compare.served_rows(published_sample)
    found = list(compare.unequal(served, served_oracle.rows()))
    by_column = Counter((key[0], key[1], column) for key, column, *_ in found)
    assert not found, (by_column.most_common(20), found[:3])
    segments = [row for place, row in served.items() if place[2] != "all"]
    assert len(served) > 40_000 and sum(row.is_suppressed for row in segments) > 100
    assert 0 < sum(row.reason == "withheld" for row in served.values()) < len(served) / 20
    instants = "select distinct as_of_at from marts.fct_metric_values"
    assert query(published_sample, instants) == [(served_oracle.oracle.as_of,)]


def test_the_sample_needs_every_rule_about_people(served_oracle: ServedOracle) -> None:
    rules = served_oracle.hiding.counts
    assert set(rules) >= set(RULES), rules


def test_every_grade_of_a_week_is_the_oracles(
    published_sample: Workspace, served_oracle: ServedOracle
) -> None:
    trust = served_oracle.trust
    sources = "select source_id, week_start_date, grade from marts.fct_source_trust"
    for source, week, grade in query(published_sample, sources):
        assert grade == trust.of_source(source, week), (source, week)
    metrics = "select product_id, metric_id, week_start_date, grade from marts.fct_metric_trust"
    rows = query(published_sample, metrics)
    for product, name, week, grade in rows:
        assert grade == trust.of_week(product, served_oracle.root[name], week), (name, week)
    asked = {(*key[:2], key[3]) for key in served_oracle.readings if key[2] == "week"}
    assert {row[:3] for row in rows} == asked


@pytest.mark.parametrize("seed", range(3))
def test_grades_of_drawn_checks_and_drawn_distrust_are_the_oracles(
    published_sample: Workspace, oracle: Oracle, seed: int
) -> None:
    """Most checks of the sample pass: here many fail, and people lower some grades."""
    rng, weeks = random.Random(seed), [date(2025, 9, 1) + number * WEEK for number in range(3)]
    sources = sorted({(source, name) for names in oracle.grid.senders.items()
                      for source in names[1] for name in ("*", names[0][1])})  # fmt: skip
    checks = [
        (source, name, week, 1, rng.choice([0, 0, 0, 0, 1, 1, 2, 3]), None, None)
        for source, name in rng.sample(sources, len(sources) * 2 // 3) for week in weeks
        if rng.random() < 0.9
    ]  # fmt: skip
    pairs = sorted(oracle.product_metrics)
    by_hand = [
        Override(product, rng.choice([None, name]), None, rng.choice("BCD"), week, week, "seen")
        for (product, name), week in zip(rng.sample(pairs, 20), weeks * 7, strict=False)
    ]
    by_hand += [Override(None, None, source, "C", weeks[1], None, "seen")
                for source, _ in rng.sample(sources, 3)]  # fmt: skip
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        lineage = connection.execute("select * from metrics.int_metric_lineage").df()
        shares = Shares(connection.execute(SENT).df())
    columns = ["source_id", "event_type", "week_start_date", "check_id", "severity"]
    frame = pd.DataFrame([check[:5] for check in checks], columns=columns).assign(
        n=1, statistic=0.5, expected=0.0, defect="drawn", is_secret=True
    )
    metrics = oracle.metrics.values()
    parents = {m["metric_id"]: m["derived_metric_ids"] for m in metrics if m["kind"] == "derived"}
    asked = pd.DataFrame([(*pair, week) for pair in pairs for week in weeks])
    drawn = lineage.sample(frac=0.2, random_state=seed)
    on_metrics = [
        (row.product_id, row.metric_id, row.source_id, row.event_type, week, 19, severity)
        for row in drawn.itertuples() for week in weeks if (severity := rng.choice([1, 2, 3]))
    ]  # fmt: skip
    found = pd.DataFrame(on_metrics, columns=["product_id", "metric_id", *columns]).assign(
        n=1, statistic=0.5, expected=0.0, defect="drawn", is_secret=True
    )
    checked = Checks(frame, Overrides(by_hand), found)
    graded = metric_trust(checked, lineage, shares, asked, parents, {})
    rows = [
        {"product_id": o.product_id or "", "metric_id": o.metric_id or "", "grade": o.grade,
         "source_id": o.source_id or "", "from_week_date": str(o.from_week),
         "to_week_date": str(o.to_week or "")}
        for o in by_hand
    ]  # fmt: skip
    trust = Trust(oracle, checks, rows, on_metrics)
    assert {row[:3]: row[3] for row in graded} == {
        (*pair, week): trust.of_week(*pair, week) for pair in pairs for week in weeks
    }
    assert {row[3] for row in graded} == set("ABCD")


def test_the_comparison_finds_a_number_that_is_off_and_a_row_that_is_missing(
    published_sample: Workspace, readings: dict[Key, Reading]
) -> None:
    computed = rows_of(query(published_sample, compare.COMPUTED))
    shares = [key for key, reading in computed.items() if reading.ci_low and reading.value]
    first, second, third = shares[0], shares[100], shares[200]
    value, low = computed[first].value or 0.0, computed[second].ci_low or 0.0
    computed[first] = replace(computed[first], value=value * (1 + 1e-8))
    computed[second] = replace(computed[second], ci_low=low * (1 + 1e-5))
    del computed[third]
    found = {d[:5] for d in compare.differences(computed, readings)}
    assert found == {(*first, "value"), (*second, "ci_low"), (*third, "row")}


def test_no_served_metric_or_table_is_without_an_oracle(
    published_sample: Workspace, oracle: Oracle
) -> None:
    served = query(published_sample, "select distinct metric_id from marts.fct_metric_values")
    assert {name for (name,) in served} <= known.known_metrics(oracle.registry)
    tables = query(published_sample, "select distinct diagnostic_id from marts.fct_diagnostics")
    assert {name for (name,) in tables} <= known.known_diagnostics(oracle.registry)
    known_ids = known.known_metrics(oracle.registry) | known.known_diagnostics(oracle.registry)
    counted = query(
        published_sample, "select metric_ids from marts.dim_catalogue where status = 'computed'"
    )
    assert counted and {name for (ids,) in counted for name in ids.split(";")} <= known_ids


# segments


def test_the_worked_case_hides_the_smallest_team_and_the_next(oracle: Oracle) -> None:
    segments = SegmentOracle(oracle, "insight_desk", "time_to_decision", "region")
    monday = next(week for _, week in segments.weekly)
    segments.weekly.clear()
    for team, size in {"A": 12, "B": 7, "C": 3}.items():
        people = {f"{team}{number}": 1.0 for number in range(size)}
        cell = Cell(counts=(size, size), times=[1.0] * size)
        cell.numerators.update(people)
        cell.denominators.update(people)
        segments.weekly[team, monday] = cell
    served = {name: told for (name, _), told in segments.served("week", [monday]).items()}
    parts = {name: told and (told.numerator, told.denominator) for name, told in served.items()}
    assert parts == {"A": (12.0, 12.0), "B": None, "C": None, "other": (10.0, 10.0)}


# tables beside the metrics


@pytest.fixture(scope="module")
def secrets(served_oracle: ServedOracle) -> Secrets:
    """Return what the oracle lets nobody count row by row."""
    return Secrets(served_oracle.hiding, served_oracle.trust)


def test_every_pareto_table_has_the_oracles_reasons_in_its_order(
    published_sample: Workspace, oracle: Oracle, secrets: Secrets
) -> None:
    coarse = 0
    for row in oracle.registry["diagnostics"]:
        served = query(
            published_sample,
            "select reason, amount, item_count, share, cumulative_share, unknown_share, "
            "trust_grade "
            "from marts.fct_diagnostics where diagnostic_id = ? order by reason_rank",
            [row["diagnostic_id"]],
        )
        expected = secrets.diagnostic(row)
        grade = secrets.trust_of(row)
        coarse += secrets.is_coarse(row)
        assert served and len(served) == len(expected), row["diagnostic_id"]
        for mine, reason in zip(served, expected, strict=True):
            told = (reason.amount, reason.item_count, reason.share, reason.cumulative_share,
                    reason.unknown_share)  # fmt: skip
            assert mine[0] == reason.name, row["diagnostic_id"]
            assert mine[-1] == grade, row["diagnostic_id"]
            told = (None,) * 5 if grade == "D" else told
            assert all(map(is_close, mine[1:-1], told)), (row["diagnostic_id"], mine, told)
    assert coarse


def test_only_tasks_that_count_no_hidden_people_are_served_row_by_row(
    published_sample: Workspace, oracle: Oracle, secrets: Secrets
) -> None:
    served = query(
        published_sample, "select distinct product_id, task_type_id from marts.fct_tasks"
    )
    told = {(t.product, name) for name, tasks in oracle.tasks.items() for t in tasks}
    assert {place for place in told if place[1] not in secrets.task_types(place[0])} == set(served)
    assert served and len(served) < len(told)


def use_types(oracle: Oracle, product: str) -> set[str]:
    """Return the event types that are use of a product."""
    rows = oracle.registry["active_uses"]
    return {row["event_type"] for row in rows if row["product_id"] == product}


def test_growth_is_accounted_for_as_the_oracle_does(
    published_sample: Workspace, oracle: Oracle, served_oracle: ServedOracle
) -> None:
    for product in {row["product_id"] for row in oracle.registry["active_uses"]}:
        rows = query(
            published_sample,
            "select week_start_date, no_value_reason, active_people, new_people, retained_people, "
            "resurrected_people, churned_people, departed_people, trust_grade "
            "from marts.fct_growth_accounting where product_id = ?",
            [product],
        )
        expected = oracle_tables.growth(oracle, product)
        assert {week for week, *_ in rows} == set(expected), product
        for week, reason, *people, grade in rows:
            assert grade == served_oracle.trust.of_use(product, use_types(oracle, product), week)
            told = () if grade == "D" else expected[week] or ()
            is_small = len(expected[week] or ()) < 6
            why = "suppressed" if is_small else "withheld" if grade == "D" else None
            assert reason == why, (product, week)
            assert people == [*told, *[None] * (6 - len(told))], (product, week)


def test_every_cell_of_retention_is_the_oracles(
    published_sample: Workspace, oracle: Oracle, served_oracle: ServedOracle
) -> None:
    for product in {row["product_id"] for row in oracle.registry["active_uses"]}:
        rows = query(
            published_sample,
            "select cohort_week_start_date, week_number, retained_people, cohort_people, "
            "retained_share, no_value_reason, trust_grade "
            "from marts.fct_retention where product_id = ?",
            [product],
        )
        expected = oracle_tables.retention(oracle, product)
        assert {row[:2] for row in rows} == set(expected), product
        for cohort, number, kept, people, share, reason, grade in rows:
            week, types = cohort + number * WEEK, use_types(oracle, product)
            assert grade == served_oracle.trust.of_use(product, types, week)
            told = expected[cohort, number]
            if grade == "D" and not isinstance(told, str):
                told = "withheld"
            if isinstance(told, str):
                assert (reason, kept, people, share) == (told, None, None, None)
            else:
                assert (reason, kept, people) == (None, *told), (product, cohort, number)
                assert is_close(share, told[0] / told[1])


def test_every_step_of_every_funnel_is_the_oracles(
    published_sample: Workspace, oracle: Oracle, served_oracle: ServedOracle
) -> None:
    for name in {row["funnel_id"] for row in oracle.registry["funnels"]}:
        steps = oracle.custom.funnel(name)
        product, types = steps[0]["product_id"], {row["event_type"] for row in steps}
        rows = query(
            published_sample,
            "select week_start_date, step_number, entered_count, reached_count, reached_share, "
            "duplicate_ratio, no_value_reason, trust_grade "
            "from marts.fct_funnels where funnel_id = ?",
            [name],
        )
        expected = oracle_tables.funnel(oracle, name)
        assert {row[:2] for row in rows} == set(expected), name
        for week, step, entered, reached, share, repeated, reason, grade in rows:
            assert grade == served_oracle.trust.of_use(product, types, week)
            told = expected[week, step]
            if grade == "D" and not isinstance(told, str):
                told = "withheld"
            if isinstance(told, str):
                assert (reason, entered, reached) == (told, None, None), (name, week, step)
            else:
                assert (entered, reached) == told[:2], (name, week, step)
                assert is_close(share, told[1] / told[0]) and is_close(repeated, told[2])


def test_every_quarter_of_deliveries_is_the_oracles(
    published_sample: Workspace, oracle: Oracle, served_oracle: ServedOracle
) -> None:
    for product in {product for product, name in oracle.typed if name == "service.deployed"}:
        expected = oracle_quarters.quarters(oracle, product)
        columns = list(next(iter(expected.values())))
        rows = query(
            published_sample,
            f"select service_id, is_product, quarter_start_date, trust_grade, {', '.join(columns)} "
            "from marts.fct_delivery_quarters where product_id = ?",
            [product],
        )
        assert {row[:3] for row in rows} == set(expected), product
        for service, is_product, start, grade, *numbers in rows:
            place = (service, is_product, start)
            length = bounds("quarter", start)[1]
            weeks = [start + number * WEEK for number in range(length)]
            assert grade == served_oracle.trust.of_use(product, {"service.deployed"}, *weeks)
            for name, mine, other in zip(columns, numbers, expected[place].values(), strict=True):
                is_withheld = grade == "D" and name not in TOLD_ANYWAY
                told = None if is_withheld else other
                assert is_close(mine, told), (product, place, name, mine, other)
