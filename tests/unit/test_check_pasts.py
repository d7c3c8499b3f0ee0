"""What a check takes from a source's own past is at the limits that decisions name."""

import pytest

from expectations.parameters import default_rows
from orchestration.defs.judge.instrument_history import USED_TO
from tests.unit.test_instrument_severities import SEEDS, last_week, stamps

DECIDED = {
    # decision 11: failed weeks that cost the verdict, and odd ones after which they are the past
    **{(check_id, "costly_weeks"): 8 for check_id in (2, 7, 8, 11, 12, 13)},
    **{(check_id, "rest_weeks"): 26 for check_id in (2, 7, 8, 11, 12, 13, 14)},
    (11, "young_days"): 28,
    (11, "missed_heartbeats"): 3,
    (15, "least_events"): 20,
    (15, "night_share"): 0.2,
    (15, "least_gaps"): 10,
    (15, "least_accounts"): 3,
    (17, "gone_p"): 1e-5,
    (17, "times_pause"): 3,
}


@pytest.mark.parametrize("key", DECIDED, ids=lambda key: f"{key[0]}-{key[1]}")
def test_further_limits_are_those_that_were_decided(key: tuple[int, str]) -> None:
    assert default_rows()[key]["value"] == DECIDED[key]


@pytest.mark.parametrize("times, severity", [(0.97, 1), (1.03, 2)])
def test_stamps_fail_above_twice_what_a_source_is_used_to(times: float, severity: int) -> None:
    n, past = 600_000, 30_000
    # an index of three is usual here: what fails elsewhere only warns
    assert past * 60 / n * USED_TO > SEEDS[8].fail
    week = stamps(n, round(2 * past * times))
    assert last_week(8, *[stamps(n, past)] * 5, week, aspect="minute 0").severity == severity
