"""A suite reports failing rows; what couldn't be evaluated is an error, not a finding."""

import math

import pandas as pd
import pytest

from expectations.run import ExpectationError, quiet_context, run_suite
from expectations.suites.instruments import (
    Threshold,
    clock_skew_suite,
    missing_finish_suite,
    ratio_suite,
    share_suite,
)

NONE = math.nan
SHARES = Threshold(1, "redelivery", 0.01, 0.05, 0.2, 10, "events delivered twice", "Too high.")


def table(**columns: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame(columns, dtype=float)
    return frame.assign(row_id=range(100, 100 + len(frame)))


def severities(suite, rows: pd.DataFrame) -> list[tuple[int, tuple[int, ...]]]:
    """Return severity and failing rows of each finding."""
    return [(finding.severity, finding.row_ids) for finding in run_suite(suite, rows)]


def test_shares_within_the_limits_give_no_finding() -> None:
    rows = table(share=[0, 0.01, NONE], sure_share=[0, 0.05, NONE])
    assert run_suite(share_suite(SHARES), rows) == []


def test_each_severity_names_its_rows() -> None:
    rows = table(share=[0, 0.02, 0.06, 0.3], sure_share=[0, 0.02, 0.06, 0.3])
    assert severities(share_suite(SHARES), rows) == [
        (1, (101, 102, 103)),
        (2, (102, 103)),
        (3, (103,)),
    ]


def test_excess_that_may_be_chance_only_warns() -> None:
    rows = table(share=[0.3], sure_share=[NONE])
    assert severities(share_suite(SHARES), rows) == [(1, (100,))]


def test_finding_says_what_is_wrong_and_in_which_direction() -> None:
    (finding,) = run_suite(share_suite(SHARES), table(share=[0.02], sure_share=[NONE]))
    assert (finding.defect, finding.note) == ("events delivered twice", "Too high.")


def test_missing_finishes_warn_by_p_value_and_fail_by_gap() -> None:
    threshold = Threshold(5, "missing finish", 0.01, 0.1, 0.4, 3, "finishes not sent", "Longer.")
    rows = table(p_value=[0.01, 0.005, 1e-5, 1e-9], sure_gap=[NONE, NONE, 0.2, 0.5])
    assert severities(missing_finish_suite(threshold), rows) == [
        (1, (101, 102, 103)),
        (2, (102, 103)),
        (3, (103,)),
    ]


def test_clock_two_minutes_fast_fails_and_blocks_only_against_a_short_tau() -> None:
    threshold = Threshold(9, "clock skew", 1, 5, 0.1, 8, "a fast clock", "Wrong by that much.")
    # method 7, worked: median lag -119.5 s, 7 of 8 negative; tau of a day, of ten minutes, none
    rows = table(
        ahead_seconds=[119.5] * 3,
        negative_share=[0.875] * 3,
        ahead_in_taus=[119.5 / 86400, 119.5 / 600, NONE],
    )
    assert severities(clock_skew_suite(threshold), rows) == [
        (1, (100, 101, 102)),
        (1, (100, 101, 102)),
        (2, (100, 101, 102)),
        (3, (101,)),
    ]


def test_severity_without_a_threshold_has_no_expectation() -> None:
    threshold = Threshold(11, "silence", NONE, NONE, 1, 0, "a silent source", "Too low.")
    assert severities(ratio_suite(threshold), table(ratio=[0.5, 1, 1.1])) == [(3, (102,))]


def test_missing_column_is_an_error_not_a_finding() -> None:
    with pytest.raises(ExpectationError, match="sure_share"):
        run_suite(share_suite(SHARES), table(share=[0.0]))


def test_empty_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no rows"):
        run_suite(share_suite(SHARES), table(share=[], sure_share=[]))


def test_a_context_of_great_expectations_tells_nobody_of_its_folders(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    quiet_context()
    assert not [row for row in caplog.records if "temporary" in row.getMessage()]
