"""Up to which day, and to how few events, a name that came is said to be that of one that went."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from orchestration.defs.judge.instrument_renames import with_renames
from tests.unit.test_instrument_volumes import MONDAY, days

LAST = 70
"""Day on which the old name comes for the last time: a Monday."""


def said(new_from: int, week: int, statistic: float = 0.0) -> bool:
    """Tell whether a week's row on too few of the old name says a new one, which begins so."""
    came = {"sent": [1] * (LAST + 1) + [0] * 41, "mailed": [0] * new_from + [1] * (112 - new_from)}
    row = {
        "source_id": "s", "event_type": "sent", "check_id": 11, "statistic": statistic,
        "week_start_date": np.datetime64(MONDAY + timedelta(weeks=week), "ns"),
    }  # fmt: skip
    found = with_renames(pd.DataFrame([row]), days(came, unplanned=("mailed",)))
    return bool(found["finding"].notna().all())


# two weeks after the last of the old, or one day before it: a switch in the middle of a day
@pytest.mark.parametrize(
    ("later", "is_said"), [(-2, False), (-1, True), (0, True), (14, True), (15, False)]
)
def test_a_new_name_begins_beside_the_end_of_the_old(later: int, is_said: bool) -> None:
    assert said(LAST + later, week=14) is is_said


@pytest.mark.parametrize(("later", "is_said"), [(6, True), (7, False)])
def test_what_began_after_a_week_is_not_known_in_it(later: int, is_said: bool) -> None:
    assert said(LAST + later, week=LAST // 7) is is_said


@pytest.mark.parametrize(("statistic", "is_said"), [(0.49, True), (0.5, False)])
def test_half_of_what_was_expected_is_still_the_old_name(statistic: float, is_said: bool) -> None:
    assert said(LAST, week=14, statistic=statistic) is is_said
