"""The clean twin's values are compared with what their definitions give."""

import numpy as np
import pandas as pd

from bench.guard.batches import clean_case
from bench.guard.truth import agreement, values

SEED = 1_000


def told(change: float) -> str:
    truth = values(SEED)
    rows = [("adoption", week, truth["adoption"][week] * change) for week in range(10)]
    published = pd.DataFrame(rows, columns=["metric_id", "week", "value"])
    return agreement({clean_case(SEED).product_id: published}, [SEED])[0]


def test_what_agrees_is_counted_and_what_does_not_is_named() -> None:
    assert "10 of 10 published weekly values agree to nine digits." in told(1.0)
    assert "not `adoption` 10 of 10" in told(1 + 1e-6)


def test_every_metric_has_a_value_in_the_middle_of_the_series() -> None:
    for metric_id, series in values(SEED).items():
        assert np.isfinite(series[20:50]).all() or metric_id == "mean_outage"
