"""Check 14 finds what its definition finds, week by week."""

import numpy as np
import pandas as pd
import pytest

from orchestration.defs.judge.guard import judged_aspects
from orchestration.defs.judge.instrument_denominators import denominators
from tests.oracles.oracle_collapse import Week, followed
from tests.unit.test_instrument_values import COLLAPSE, world

WEEKS = 80


def drawn(seed: int, usual: int, scatter: float, is_sum: bool) -> list[Week]:
    """A denominator that loses contributions, amounts or both, for a week or for months."""
    rng = np.random.default_rng([seed, usual, is_sum])
    weeks, kept, factor, left = [], 1.0, 1.0, 0
    for _ in range(WEEKS):
        if left == 0 and rng.random() < 0.12:
            kept, factor = rng.choice([1, 0.3, 0.1, 0]), rng.choice([1, 0.3, 0.1, 0.01])
            left = rng.choice([1, 2, 4, 12, 34])
        count = rng.poisson(usual * (kept if left else 1))
        amounts = np.exp(rng.normal(3, scatter, count)) * (factor if left else 1)
        left = max(left - 1, 0)
        weeks.append(Week(float(amounts.sum()) if is_sum else float(count), int(count), is_sum))
    return weeks


@pytest.mark.parametrize("usual", [4, 9, 40])
@pytest.mark.parametrize("is_sum, scatter", [(False, 0), (True, 0.3), (True, 1.0)])
def test_weeks_show_what_the_definition_says(usual: int, is_sum: bool, scatter: float) -> None:
    series = {f"m{seed}": drawn(seed, usual, scatter, is_sum) for seed in range(12)}
    values, lineages = [], []
    for name, weeks in series.items():
        amounts = [week.amount for week in weeks]
        counts = [week.count for week in weeks] if is_sum else None
        rows, lineage = world(amounts, amounts, unit_count=counts)
        values.append(rows.assign(metric_id=name))
        lineages.append(lineage.assign(metric_id=name))
    rows = denominators(pd.concat(values), pd.concat(lineages), COLLAPSE)
    found = judged_aspects(rows, [COLLAPSE])
    start, severities = pd.Timestamp("2026-01-05"), set()
    by_week = {
        (row.metric_id, (row.week_start_date - start).days // 7): row.severity
        for row in found.itertuples()
    }
    for name, weeks in series.items():
        for number, severity in enumerate(followed(weeks)):
            severities.add(severity)
            assert by_week.get((name, number), 0) == severity, (name, number, weeks[number])
    assert 0 in severities and max(severities) > 1
