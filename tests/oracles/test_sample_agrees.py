"""The sample organisation, computed twice: no metric, segment, period or table is exempt."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from orchestration.workspace import Workspace
from tests.oracles import compare, known, oracle_quarters, oracle_tables
from tests.oracles.compare import Key, Reading, is_close, oracle_of, query, rows_of
from tests.oracles.oracle_grid import periods, sides
from tests.oracles.oracle_intervals import bootstrap
from tests.oracles.oracle_metrics import Oracle
from tests.oracles.oracle_resampled import with_bca
from tests.oracles.oracle_segments import Cell, SegmentOracle

RIPE_WEEKS = """
    select period_start_date from metrics.int_metric_periods
    where product_id = ? and metric_id = ? and period_grain = 'week' and is_ripe
    order by period_start_date
"""


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


def test_what_is_served_is_what_the_oracle_computes_or_hidden(
    published_sample: Workspace, oracle: Oracle, readings: dict[Key, Reading]
) -> None:
    everything = rows_of(query(published_sample, compare.SERVED))
    assert everything.keys() == readings.keys()
    served, expected = compare.shown(everything, readings)
    expected |= with_bootstraps(oracle, expected) | with_bca(oracle, expected)
    found = compare.differences(served, expected)
    assert not found, (by_metric(found), found[:3])
    withheld = sum(reading.reason == "withheld" for reading in everything.values())
    assert withheld < len(everything) / 20


def test_no_number_about_people_is_shown_with_too_few_behind_it(
    published_sample: Workspace, oracle: Oracle
) -> None:
    served, checked = rows_of(query(published_sample, compare.SERVED)), 0
    for product, name in sorted(oracle.product_metrics):
        metric = oracle.metrics[name]
        of_flows = all(
            side["aggregate"] not in ("open_at_period_end", "distinct_subjects")
            for side in sides(oracle, metric).values()
        )
        is_own = metric["kind"] != "derived" and not metric.get("custom_model")
        if metric["subject_kind"] != "person" or not is_own or not of_flows:
            continue
        whole = SegmentOracle(oracle, product, name, None)
        for period in periods(oracle.weeks(product, name)):
            if served[product, name, period.grain, period.start].value is not None:
                assert whole.may_show_product(period.weeks), (product, name, period)
                checked += 1
    assert checked > 100


def with_bootstraps(oracle: Oracle, readings: dict[Key, Reading]) -> dict[Key, Reading]:
    """Return ratios of sums with the intervals of their clusters, by week and natural period."""
    found = {}
    for product, name in {key[:2] for key in readings}:
        metric = oracle.metrics.get(name)
        if not metric or metric["kind"] != "ratio_of_sums" or metric.get("custom_model"):
            continue
        for period in periods(oracle.weeks(product, name)):
            key = (product, name, period.grain, period.start)
            is_wanted = period.grain in ("week", metric["natural_period"])
            if is_wanted and key in readings and readings[key].value is not None:
                clusters = oracle.clusters(product, metric, period.weeks)
                seed = f"{product}|{name}|{period.grain}|{period.start}"
                low, high = bootstrap(clusters, seed)
                found[key] = replace(readings[key], ci_low=low, ci_high=high)
    return found


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


def test_every_segment_is_as_the_oracle_has_it_hidden_ones_included(
    published_sample: Workspace, oracle: Oracle
) -> None:
    hidden: Counter[str] = Counter()
    for row in oracle.registry["segmented_metrics"]:
        key = (row["product_id"], row["metric_id"])
        segments = SegmentOracle(oracle, *key, row["segment_type"])
        weeks = [week for (week,) in query(published_sample, RIPE_WEEKS, key)]
        assert weeks == [week.start for week in oracle.weeks(*key) if week.is_ripe]
        grain = segments.grain(weeks)
        rows = query(
            published_sample,
            f"select segment_value, period_start_date, {compare.COLUMNS} "
            "from marts.fct_metric_values "
            "where product_id = ? and metric_id = ? and segment_type = ? and period_grain = ?",
            [*key, row["segment_type"], grain],
        )
        told = segments.served(grain, weeks)
        expected = {(*key, *place): reading for place, reading in told.items()}
        served = {(*key, *row[:2]): Reading(*row[2:]) for row in rows}
        hidden[row["metric_id"]] = sum(reading is None for reading in expected.values())
        suppressed = Reading(is_ripe=True, reason="suppressed")
        found = compare.differences(
            {k: replace(r, unit_count=r.unit_count or 0) for k, r in served.items()},
            {k: r or suppressed for k, r in expected.items()},
        )
        assert served and not found, found[:3]
    assert hidden["time_to_decision"] and hidden["error_fixing_share"]


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


def test_every_pareto_table_has_the_oracles_reasons_in_its_order(
    published_sample: Workspace, oracle: Oracle
) -> None:
    for row in oracle.registry["diagnostics"]:
        served = query(
            published_sample,
            "select reason, amount, item_count, share, cumulative_share, unknown_share "
            "from marts.fct_diagnostics where diagnostic_id = ? order by reason_rank",
            [row["diagnostic_id"]],
        )
        expected = oracle_tables.diagnostic(oracle, row)
        assert served and len(served) == len(expected), row["diagnostic_id"]
        for mine, reason in zip(served, expected, strict=True):
            told = (reason.amount, reason.item_count, reason.share, reason.cumulative_share,
                    reason.unknown_share)  # fmt: skip
            assert mine[0] == reason.name, row["diagnostic_id"]
            assert all(map(is_close, mine[1:], told)), (row["diagnostic_id"], mine, told)


def test_growth_is_accounted_for_as_the_oracle_does(
    published_sample: Workspace, oracle: Oracle
) -> None:
    for product in {row["product_id"] for row in oracle.registry["active_uses"]}:
        rows = query(
            published_sample,
            "select week_start_date, no_value_reason, active_people, new_people, retained_people, "
            "resurrected_people, churned_people, departed_people "
            "from marts.fct_growth_accounting where product_id = ?",
            [product],
        )
        expected = oracle_tables.growth(oracle, product)
        assert {week for week, *_ in rows} == set(expected), product
        for week, reason, *people in rows:
            told = expected[week] or ()
            if reason != "withheld":
                assert (reason == "suppressed") == (len(told) < 6), (product, week)
                assert people == [*told, *[None] * (6 - len(told))], (product, week)


def test_every_cell_of_retention_is_the_oracles(
    published_sample: Workspace, oracle: Oracle
) -> None:
    for product in {row["product_id"] for row in oracle.registry["active_uses"]}:
        rows = query(
            published_sample,
            "select cohort_week_start_date, week_number, retained_people, cohort_people, "
            "retained_share, no_value_reason from marts.fct_retention where product_id = ?",
            [product],
        )
        expected: dict[tuple[date, int], tuple[int, int] | str]
        expected = oracle_tables.retention(oracle, product)
        assert {row[:2] for row in rows} == set(expected), product
        for cohort, number, kept, people, share, reason in rows:
            told = expected[cohort, number]
            if isinstance(told, str):
                assert (reason, kept, people, share) == (told, None, None, None)
            elif reason != "withheld":
                assert (reason, kept, people) == (None, *told), (product, cohort, number)
                assert is_close(share, told[0] / told[1])


def test_every_step_of_every_funnel_is_the_oracles(
    published_sample: Workspace, oracle: Oracle
) -> None:
    for name in {row["funnel_id"] for row in oracle.registry["funnels"]}:
        rows = query(
            published_sample,
            "select week_start_date, step_number, entered_count, reached_count, reached_share, "
            "duplicate_ratio, no_value_reason from marts.fct_funnels where funnel_id = ?",
            [name],
        )
        expected = oracle_tables.funnel(oracle, name)
        assert {row[:2] for row in rows} == set(expected), name
        for week, step, entered, reached, share, repeated, reason in rows:
            told = expected[week, step]
            if isinstance(told, str):
                assert (reason, entered, reached) == (told, None, None), (name, week, step)
            elif reason != "withheld":
                assert (entered, reached) == told[:2], (name, week, step)
                assert is_close(share, told[1] / told[0]) and is_close(repeated, told[2])


def test_every_quarter_of_deliveries_is_the_oracles(
    published_sample: Workspace, oracle: Oracle
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
            for name, mine, other in zip(columns, numbers, expected[place].values(), strict=True):
                is_withheld = grade == "D" and mine is None
                assert is_withheld or is_close(mine, other), (product, place, name, mine, other)
