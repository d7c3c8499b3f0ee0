"""Expectations about instruments: one suite a check, one expectation a severity.

They judge the columns that `instrument_pvalues` adds to the statistics. The limits, the defect's
name and the note on what goes wrong come from the registry's `check_thresholds`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import great_expectations as gx
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.parameters import default_rows

GX_SEVERITIES = {
    "warn": FailureSeverity.INFO,
    "fail": FailureSeverity.WARNING,
    "block": FailureSeverity.CRITICAL,
}


@dataclass(frozen=True)
class Threshold:
    """One row of the registry's `check_thresholds`; NaN where a severity isn't used."""

    check_id: int
    check_name: str
    warn: float
    fail: float
    block: float
    minimum_n: int
    defect: str
    note: str
    sure_p: float = 0.001
    """A finding that costs a number must be this unlikely by chance."""
    least_effect: float = math.nan
    """How far from what is expected a finding must be to cost a number; see the check's note."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Further limits of the check by name; what is left out is as in a new workspace."""
    version: int = 1
    """Of the row; raised with every change, and kept beside what it judged."""

    @property
    def costly_weeks(self) -> int:
        """Failed weeks in a row that may cost a number; later ones warn."""
        return int(self.parameter("costly_weeks"))

    @property
    def rest_weeks(self) -> int:
        """Odd weeks in a row after which they are the past that later weeks are held against."""
        return int(self.parameter("rest_weeks"))

    def parameter(self, name: str) -> float:
        """Return one of the check's further limits."""
        if name in self.parameters:
            return self.parameters[name]
        return default_rows()[self.check_id, name]["value"]


def share_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of a check on shares: a number is only lost to an excess that is sure."""
    return _share_suite(threshold, "sure_share")


def missing_finish_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 5: a p-value warns, gaps at p < 0.001 fail and block."""
    return _suite(
        threshold,
        ExpectColumnValuesToBeBetween(
            column="p_value", min_value=threshold.warn, **_labels("warn", threshold)
        ),
        _at_most("sure_gap", threshold.fail, "fail", threshold),
        _at_most("sure_gap", threshold.block, "block", threshold),
    )


def clock_skew_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 9: seconds ahead, block as a share of the shortest tau."""
    return _suite(
        threshold,
        _at_most("ahead_seconds", threshold.warn, "warn", threshold),
        _at_most("negative_share", threshold.parameter("negative_share"), "warn", threshold),
        _at_most("ahead_seconds", threshold.fail, "fail", threshold),
        _at_most("ahead_in_taus", threshold.block, "block", threshold),
    )


def accounts_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 15: a share is removed; without a list it isn't even that."""
    return _share_suite(threshold, "unlisted_share")


def coverage_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 17: planned types unseen, and those that metrics need."""
    return _share_suite(threshold, "required_share")


def volume_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 11 on volume: p-values, and to fail a large effect as well."""
    return _suite(
        threshold,
        ExpectColumnValuesToBeBetween(
            column="p_value", min_value=threshold.warn, **_labels("warn", threshold)
        ),
        ExpectColumnValuesToBeBetween(
            column="sure_p_value", min_value=threshold.fail, **_labels("fail", threshold)
        ),
    )


def news_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 12 on new properties: any warns."""
    return _suite(threshold, _at_most("share", 0, "warn", threshold))


def scale_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 12 on scale: whatever is odd warns, a share that is sure fails."""
    return _suite(
        threshold,
        _at_most("share", 0, "warn", threshold),
        _at_most("sure_share", threshold.fail, "fail", threshold),
        _at_most("sure_share", threshold.block, "block", threshold),
    )


def silence_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of check 11 on silence: beyond its horizon a source is dead."""
    return _suite(threshold, _at_most("ratio", threshold.block, "block", threshold))


def ratio_suite(threshold: Threshold) -> gx.ExpectationSuite:
    """Return the suite of a check that holds the statistic against what is expected."""
    return _suite(
        threshold,
        _at_most("ratio", threshold.warn, "warn", threshold),
        _at_most("ratio", threshold.fail, "fail", threshold),
        _at_most("ratio", threshold.block, "block", threshold),
    )


def _share_suite(threshold: Threshold, block_column: str) -> gx.ExpectationSuite:
    return _suite(
        threshold,
        _at_most("share", threshold.warn, "warn", threshold),
        _at_most("sure_share", threshold.fail, "fail", threshold),
        _at_most(block_column, threshold.block, "block", threshold),
    )


def _suite(
    threshold: Threshold, *expectations: ExpectColumnValuesToBeBetween | None
) -> gx.ExpectationSuite:
    return gx.ExpectationSuite(
        name=f"{threshold.check_id} {threshold.check_name}",
        expectations=[expectation for expectation in expectations if expectation],
    )


def _at_most(
    column: str, limit: float, severity: str, threshold: Threshold
) -> ExpectColumnValuesToBeBetween | None:
    """Return the expectation that no value is above `limit`; None where there is no limit."""
    if math.isnan(limit):
        return None
    return ExpectColumnValuesToBeBetween(
        column=column, max_value=limit, **_labels(severity, threshold)
    )


def _labels(severity: str, threshold: Threshold) -> dict:
    return {
        "severity": GX_SEVERITIES[severity],
        "meta": {"defect": threshold.defect, "severity": severity},
        "notes": threshold.note,
    }
