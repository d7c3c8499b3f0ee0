"""What holds whatever the tools say: over drawn products, through the real intake and models."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise

import pytest

from tests.oracles import compare
from tests.oracles.agreement import rows_as_text
from tests.oracles.oracle_events import Row, read_landing
from tests.oracles.oracle_metrics import Oracle, Reading
from tests.properties.conftest import WAYS, Drawn, product
from tests.properties.draw import AS_OF
from tests.properties.registry import registry

FACTS = {
    "instruments.int_source_watermarks": "latest_received_at, silence_horizon_days, "
    "lateness_hours, watermark_at",
    "core.int_tasks": "task_type_id, subject_id, started_at, finished_at, cancelled_at, state, "
    "reopen_count, start_event_id, actor_id, segment_id",
    "core.int_outages": "started_at, ended_at, incident_count",
    "core.int_sessions": "session_type, person_id, started_at, ended_at, event_count",
    "core.int_funnel_steps": "step_number, match_value, entered_at, reached_at, event_count",
    "core.int_activation_entries": "match_value, started_at, action_count, is_activated",
    "core.int_growth_states": "person_id, week_start_date, growth_state",
    "metrics.int_retention_cells": "cohort_week_start_date, week_number, cohort_people, "
    "retained_people, is_complete",
    "metrics.int_metric_periods": "replace(metric_id, product_id, ''), period_grain, "
    f"period_start_date, sum_squares, person_count, open_count, {compare.COLUMNS}",
    "metrics.int_cells": "metric_id, segment_type, segment_value, period_grain, "
    "period_start_date, numerator, denominator, person_count, primary_reason",
}


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("way", WAYS[1:])
def test_no_way_of_delivery_changes_a_fact_or_a_metric(drawn: Drawn, table: str, way: str) -> None:
    told = Counter(
        (name.partition("_")[0], name.partition("_")[2], *row)
        for name, *row in drawn.rows(f"select product_id, {FACTS[table]} from {table}")
    )
    first = Counter({(n, *row): k for (n, how, *row), k in told.items() if how == WAYS[0]})
    other = Counter({(n, *row): k for (n, how, *row), k in told.items() if how == way})
    assert first and first == other, (first - other, other - first)


def test_every_line_of_every_delivery_is_accounted_for(drawn: Drawn) -> None:
    rows = drawn.rows(
        "select product_id, count(*) filter (where classification = 'accepted'), count(*) "
        "from intake.int_events_classified group by all"
    )
    counts = {name: (accepted, lines) for name, accepted, lines in rows}
    for number, scenario in enumerate(drawn.scenarios):
        accepted, lines = counts[product(number, "as_is")]
        assert lines == len(scenario)
        assert counts[product(number, "split")] == (accepted, lines)
        assert counts[product(number, "redelivered")] == (
            accepted, 2 * lines + lines - lines // 2
        )  # fmt: skip


def test_outages_never_overlap_nor_pass_the_time_that_is_known(drawn: Drawn) -> None:
    rows = drawn.rows(
        "select product_id, started_at, ended_at from core.int_outages order by all"
    )  # fmt: skip
    assert len(rows) > len(drawn.scenarios)
    for (name, _, ended_at), (next_name, next_started_at, _) in pairwise(rows):
        if name == next_name:
            # touching ones are one
            assert ended_at is not None and ended_at < next_started_at, name
    hours = drawn.rows(
        "select operating_hours, down_hours, date_diff('hour', week_start_at, week_end_at) "
        "from metrics.int_operating_weeks join metrics.int_metric_weeks "
        "  using (product_id, metric_id, week_start_date)"
    )
    assert sum(down > 0 for _, down, _ in hours) > 10
    for up, down, whole in hours:
        assert up >= 0 and down >= 0 and up + down <= whole + 1e-9


def test_growth_is_accounted_for_in_every_week(drawn: Drawn) -> None:
    rows = drawn.rows(
        "select product_id, week_start_date, active_people, new_people, retained_people, "
        "resurrected_people, churned_people, departed_people "
        "from metrics.int_growth_weeks order by all"
    )
    assert sum(row[-1] > 0 for row in rows) and sum(row[5] > 0 for row in rows)
    before, last = 0, ""
    for name, _, active, new, retained, resurrected, churned, departed in rows:
        before = before if name == last else 0
        assert active == new + retained + resurrected
        assert active == before + new + resurrected - churned - departed
        before, last = active, name


def test_a_funnel_never_widens(drawn: Drawn) -> None:
    rows = drawn.rows(
        "select product_id, week_start_date, step_number, entered_count, reached_count "
        "from metrics.int_funnel_weeks order by all"
    )
    assert sum(0 < row[4] < row[3] for row in rows) > 3
    assert any(row[2] == 3 and row[4] for row in rows)
    for before, row in pairwise(rows):
        if row[:2] == before[:2]:
            assert row[4] <= before[4], row
        assert row[4] <= row[3], row
    skipped = drawn.rows(
        "select * from core.int_funnel_steps as step where step_number > 1 and not exists ("
        "  select 1 from core.int_funnel_steps as former where former.funnel_id = step.funnel_id"
        "  and former.match_value = step.match_value and former.entered_at = step.entered_at"
        "  and former.step_number = step.step_number - 1 and former.reached_at <= step.reached_at)"
    )
    assert not skipped


def test_a_task_is_finished_cancelled_or_open_and_never_two_of_them(drawn: Drawn) -> None:
    rows = drawn.rows("select state, finished_at, cancelled_at, started_at from core.int_tasks")
    assert set(Counter(state for state, *_ in rows)) == {"finished", "cancelled", "open"}
    for state, finished_at, cancelled_at, started_at in rows:
        assert (finished_at is not None) == (state == "finished")
        assert (cancelled_at is not None) == (state == "cancelled")
        assert all(started_at <= end for end in (finished_at, cancelled_at) if end)
    overlapping = drawn.rows(
        "select * from core.int_tasks as a join core.int_tasks as b using "
        "  (product_id, task_type_id, subject_id) "
        "where a.task_id <> b.task_id and a.started_at <= b.started_at "
        "  and coalesce(a.finished_at, a.cancelled_at, timestamp '9999-01-01') > b.started_at"
    )
    assert not overlapping


def test_segments_add_up_to_the_product(drawn: Drawn) -> None:
    rows = drawn.rows(
        "select whole.product_id, metric_id, whole.period_start_date, "
        "  coalesce(sum(cells.numerator), 0), coalesce(sum(cells.denominator), 0), "
        "  coalesce(any_value(whole.numerator), 0), coalesce(any_value(whole.denominator), 0) "
        "from metrics.int_metric_periods as whole "
        "join (select distinct metric_id from registry.segmented_metrics) using (metric_id) "
        "left join metrics.int_cells as cells on cells.segment_type = 'team' "
        "  and cells.product_id = whole.product_id and cells.metric_id = whole.metric_id "
        "  and cells.period_grain = whole.period_grain "
        "  and cells.period_start_date = whole.period_start_date "
        "where whole.period_grain = 'week' and whole.is_ripe group by all"
    )
    assert len({row[1] for row in rows}) == 4 and len(rows) > 100
    for name, metric_id, week, above, below, whole_above, whole_below in rows:
        where = (name, metric_id, week)
        assert above == pytest.approx(whole_above, rel=1e-9), where
        # somebody who worked for two teams is one person, and stands in both
        if metric_id == "uses_per_person":
            assert below >= whole_below, where
        else:
            assert below == pytest.approx(whole_below, rel=1e-9), where


def test_the_oracle_computes_the_same_from_the_same_files(drawn: Drawn) -> None:
    names = [product(number, way) for number in range(len(drawn.scenarios)) for way in WAYS]
    texts: dict[str, list[Row]] = rows_as_text(registry(names))
    landing = read_landing(drawn.workspace.landing, texts, AS_OF)
    oracle = Oracle(texts, landing.events, AS_OF, landing.signs)
    computed = compare.rows_of(drawn.rows(compare.COMPUTED))
    found = compare.differences(computed, oracle.readings())
    assert len(computed) > 5_000 and _is_varied(list(computed.values()))
    assert not found, (Counter((d.metric_id, d.column) for d in found), found[:3])


def _is_varied(readings: Sequence[Reading]) -> bool:
    """Return whether every column of the readings takes several values."""
    return all(len({getattr(r, column.name) for r in readings}) > 1 for column in fields(Reading))
