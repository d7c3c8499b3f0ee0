"""Check 12 on scale: amounts in another unit are found at any n, and named by their factor."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_scale import scale_words, scales
from tests.unit.test_instrument_severities import SEEDS

SCHEMA = SEEDS[12]
USUAL = [40.0, 25.0, 61.0, 33.0, 52.0, 47.0, 29.0]
"""Amounts of a week."""


def grouped(series: Mapping[str, Sequence[Sequence[float]]]) -> pd.DataFrame:
    """Return amounts by source and week as `int_instrument_quantities_counted` has them."""
    rows = []
    for source_id, weeks in series.items():
        for number, amounts in enumerate(weeks):
            logs = [round(math.log(amount) * 1e4) for amount in amounts]
            for magnitude in sorted({log // 1000 for log in logs}):
                mine = [log for log in logs if log // 1000 == magnitude]
                ids = [f"{source_id}-{number}-{i}" for i, log in enumerate(logs) if log in mine]
                rows.append({
                    "source_id": source_id, "event_type": "t", "property": "amount",
                    "week_start_date": pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=number),
                    "event_count": len(mine), "least_log": min(mine), "most_log": max(mine),
                    "log_sum": sum(mine), "log_square_sum": float(sum(x * x for x in mine)),
                    "event_ids": json.dumps(ids),
                })  # fmt: skip
    return pd.DataFrame(rows)


def weeks_of(count: int, factor: float = 1, amounts: Sequence[float] = USUAL) -> list[list[float]]:
    """Return weeks of the same amounts, moved a little from week to week."""
    return [[x * factor * (1 + 0.03 * (week % 5)) for x in amounts] for week in range(count)]


def found(*weeks: list[float], threshold: Threshold = SCHEMA) -> list[tuple[int, str | None]]:
    """Return severity and words of each week."""
    rows = judged(scales(grouped({"s": weeks}), threshold), [threshold])
    start = pd.Timestamp("2026-01-05")
    named = {
        (row.week_start_date - start).days // 7: (row.severity, row.finding)
        for row in rows.itertuples()
    }
    return [named.get(number, (0, None)) for number in range(len(weeks))]


def severities(*weeks: list[float], threshold: Threshold = SCHEMA) -> list[int]:
    return [severity for severity, _ in found(*weeks, threshold=threshold)]


@pytest.mark.parametrize(
    "factor, severity, words",
    [
        (1.5, 0, None),
        (4, 1, "about 4 times larger"),
        (1 / 5, 1, "about 5 times smaller"),
        (12, 1, "about 12 times larger"),
        (24, 2, "about 24 times larger"),
        (1 / 60, 2, "about 60 times smaller"),
        (1000, 3, "about 1,000 times larger"),
        (1 / 1000, 3, "about 1,000 times smaller"),
        (3600, 3, "about 3,600 times larger"),
    ],
)
def test_week_in_another_unit_is_named_by_its_factor(
    factor: float, severity: int, words: str | None
) -> None:
    *_, last = found(*weeks_of(12), *weeks_of(1, factor))
    assert last == (severity, f"`amount` {words} than usual" if words else None)


def test_ten_times_as_much_fails_from_the_second_week_on() -> None:
    assert severities(*weeks_of(12), *weeks_of(3, 10))[-3:] == [1, 2, 2]
    assert severities(*weeks_of(12), *weeks_of(3, 6))[-3:] == [1, 1, 1]


def test_some_amounts_in_another_unit_fail_by_their_number_alone() -> None:
    def last(*moved: int, weeks: int = 12) -> tuple[int, str | None]:
        return found(*weeks_of(weeks), moved_ones(*moved))[-1]

    assert [last(0)[0], last(1, 4)[0]] == [1, 1]
    assert last(1, 4, 5, 6) == (1, "`amount` about 1,000 times larger than usual")
    # the longer nothing of the kind came, the surer
    assert last(1, 4, 5, 6, weeks=26) == (2, "`amount` about 1,000 times larger than usual")


def moved_ones(*moved: int, factor: float = 1000) -> list[float]:
    """Return a week of which some amounts are in another unit."""
    return [x * factor if i in moved else x for i, x in enumerate(USUAL)]


def test_some_amounts_in_two_weeks_in_a_row_are_more_than_in_one() -> None:
    assert severities(*weeks_of(12), moved_ones(1, 4), moved_ones(0, 2))[-2:] == [1, 2]
    assert severities(*weeks_of(12), moved_ones(1, 4), USUAL, moved_ones(0, 2))[-3:] == [1, 0, 1]


def test_what_came_and_went_alone_is_no_proof_when_it_comes_again() -> None:
    bunch = moved_ones(0, 2, 3, 5)
    assert severities(*weeks_of(26), bunch, *weeks_of(6), bunch)[-8:] == [2, *[0] * 6, 1]
    assert severities(*weeks_of(12), bunch, bunch, *weeks_of(6), bunch)[-1] == 2


def test_half_of_wildly_scattered_amounts_are_told_from_all_of_them() -> None:
    rng = np.random.default_rng(5)
    sound = [np.exp(rng.normal(3, 1.0, 12)).tolist() for _ in range(26)]
    half = [
        [x * 60 if i % 2 else x for i, x in enumerate(np.exp(rng.normal(3, 1.0, 12)))]
        for _ in range(6)
    ]
    shown = found(*sound, *half)[26:]
    assert {severity for severity, _ in shown[1:]} == {2}
    assert all("larger" in words for _, words in shown[1:] if words)


def test_two_amounts_only_warn_however_far_off() -> None:
    assert severities(*weeks_of(12), [40_000.0, 33_000.0])[-1] == 1
    assert severities(*weeks_of(12), [40_000.0, 33_000.0, 50_000.0])[-1] == 3


def test_nothing_is_judged_before_four_weeks() -> None:
    assert severities(*weeks_of(3), *weeks_of(1, 1000)) == [0] * 4
    assert severities(*weeks_of(4), *weeks_of(1, 1000)) == [0] * 4 + [3]


def test_amounts_that_always_scattered_by_a_thousand_are_no_finding() -> None:
    wild = [1.0, 30.0, 900.0, 27_000.0, 5.0, 300.0, 9000.0]
    assert set(severities(*weeks_of(20, amounts=wild), [20_000.0, *wild])) == {0}


def test_fault_is_no_part_of_the_past_until_it_has_lasted_for_half_a_year() -> None:
    assert severities(*weeks_of(8), *weeks_of(30, 60))[8:] == [2] * 8 + [1] * 18 + [0] * 4


def test_weeks_that_only_warn_do_not_use_up_those_that_may_cost() -> None:
    warned = weeks_of(9, 4)
    shown = severities(*weeks_of(8), *warned, *weeks_of(9, 1000))[8:]
    # the last ones count with the milder weeks before, which leaves less than a block
    assert shown == [1] * 9 + [3] * 6 + [2] * 2 + [1]
    # a sound week starts the eight anew
    twice = [*weeks_of(8, 60), *weeks_of(2)] * 2
    assert severities(*weeks_of(8), *twice)[8:] == [*[2] * 8, 0, 0] * 2


def test_amounts_too_few_to_fail_do_not_use_up_those_that_may_cost() -> None:
    many = USUAL * 60
    few = [[x * 1000 if i < 4 else x for i, x in enumerate(many)]] * 9
    assert 4 / len(many) < SCHEMA.fail
    broken = weeks_of(9, 1000, many)
    assert severities(*[many] * 8, *few, *broken)[8:] == [1] * 9 + [3] * 8 + [1]


def test_how_many_weeks_may_cost_and_when_they_are_the_norm_is_in_the_registry() -> None:
    changed = replace(SCHEMA, parameters={"costly_weeks": 3, "rest_weeks": 5})
    assert severities(*weeks_of(8), *weeks_of(6, 60), threshold=changed)[8:] == [2, 2, 2, 1, 1, 0]


def test_mended_fault_leaves_nothing_behind() -> None:
    assert severities(*weeks_of(8), *weeks_of(20, 60), *weeks_of(3))[-3:] == [0, 0, 0]


def test_thin_week_neither_ends_a_fault_nor_joins_the_past() -> None:
    broken, thin = weeks_of(8, 60), [[40.0]]
    assert severities(*weeks_of(8), *broken, *thin, *weeks_of(1, 60))[-2:] == [0, 1]


def test_sources_are_held_against_their_own_past_alone() -> None:
    rng = np.random.default_rng(3)
    other = [(1e6 * np.exp(rng.normal(0, 0.5, 5))).tolist() for _ in range(13)]
    series = {"other": other, "s": [*weeks_of(12), *weeks_of(1, 60)], "young": weeks_of(2)}
    assert list(scales(grouped(series), SCHEMA)["source_id"]) == ["s"]


def test_evidence_is_what_is_out_of_scale() -> None:
    odd = [x * 1000 if i in (1, 4) else x for i, x in enumerate(USUAL)]
    rows = scales(grouped({"s": [*weeks_of(12), odd]}), SCHEMA)
    assert json.loads(rows.iloc[0]["evidence"]) == ["s-12-1", "s-12-4"]


@pytest.mark.parametrize(
    "factor, error, words",
    [(950, 0.01, "1,000"), (700, 0.2, "1,000"), (700, 0.01, "700"), (5.4, 0.3, "5"), (26, 0, "24")],
)
def test_factor_is_the_unit_that_it_may_be(factor: float, error: float, words: str) -> None:
    assert scale_words(math.log(factor), error) == f"about {words} times larger than usual"
