"""Check 12 on scale finds what its definition finds, amount by amount."""

import numpy as np
import pandas as pd
import pytest

from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_scale import scales
from tests.oracles.oracle_scale import followed
from tests.unit.test_instrument_scale import SCHEMA, grouped

WEEKS = 70
KINDS = ("steady", "scattered", "few", "moving", "single")


def drawn(seed: int, kind: str) -> list[list[float]]:
    """Amounts by week, with faults of all kinds and lengths among them."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    scatter, usual = {"scattered": (1.2, 12), "few": (0.4, 2)}.get(kind, (0.5, 9))
    weeks = []
    factor, share, left = 1.0, 1.0, 0
    for _ in range(WEEKS):
        count = 1 if kind == "single" else rng.poisson(usual)
        move = rng.normal(0, 0.5 if kind == "moving" else 0.1)
        amounts = np.exp(rng.normal(3 + move, scatter, count))
        if left == 0 and rng.random() < 0.1:
            factor, left = rng.choice([0.001, 0.1, 3, 12, 60, 3600]), rng.choice([1, 3, 10, 30])
            share = rng.choice([0.2, 0.5, 0.95, 1])
        if left:
            amounts = np.where(rng.random(count) < share, amounts * factor, amounts)
            left -= 1
        weeks.append(amounts.tolist())
    return weeks


@pytest.mark.parametrize("kind", KINDS)
def test_weeks_show_what_the_definition_says(kind: str) -> None:
    weeks = {f"s{seed}": drawn(seed, kind) for seed in range(12)}
    rows = judged(scales(grouped(weeks), SCHEMA), [SCHEMA])
    found = {
        (row.source_id, (row.week_start_date - pd.Timestamp("2026-01-05")).days // 7): row
        for row in rows.itertuples()
    }
    severities = set()
    for name, amounts in weeks.items():
        for number, shown in enumerate(followed(amounts)):
            row = found.get((name, number))
            severities.add(shown.severity)
            assert (row.severity if row else 0) == shown.severity, (name, number, shown, row)
            if row:
                assert row.p_value == pytest.approx(shown.p_value, rel=1e-4, abs=1e-9)
                assert round(row.statistic * row.n) == shown.concerned
                way = "larger" if shown.distance > 0 else "smaller"
                assert way in row.finding
    assert severities == {0, 1, 2, 3}
