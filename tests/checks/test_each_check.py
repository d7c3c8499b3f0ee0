"""Each check passes on sound data, and finds its own defect alone, at the least n it asks for."""

from datetime import timedelta

import pandas as pd
import pytest

from tests.checks.world import ALONE, ALSO, LEAST, MONDAY, sources
from tests.unit.test_instrument_severities import SEEDS


def test_all_twenty_checks_run_on_the_sound_source_and_find_nothing(found: pd.DataFrame) -> None:
    of_sound = found[found.product_id == "sound"]
    assert set(of_sound.check_id) == set(range(1, 21))
    assert of_sound.severity.max() == 0


def fired(found: pd.DataFrame, product: str) -> dict[int, int]:
    rows = found[(found.product_id == product) & (found.severity > 0)]
    return rows.groupby("check_id").severity.max().to_dict()


@pytest.mark.parametrize("check_id", range(1, 21))
def test_check_finds_its_defect_and_no_other_check_does(found: pd.DataFrame, check_id: int) -> None:
    assert set(ALONE[check_id].fires) == {check_id}
    assert fired(found, f"alone_{check_id:02d}") == ALONE[check_id].fires
    # all the others looked, and found nothing
    assert set(found[found.product_id == f"alone_{check_id:02d}"].check_id) == set(range(1, 21))


@pytest.mark.parametrize("check_id", range(1, 21))
def test_check_finds_its_defect_at_the_least_n_on_which_it_runs(
    found: pd.DataFrame, check_id: int
) -> None:
    product = f"least_{check_id:02d}"
    assert fired(found, product) == LEAST[check_id].fires
    rows = found[(found.product_id == product) & (found.check_id == check_id)]
    least = rows[rows.n == SEEDS[check_id].minimum_n]
    assert least.severity.max() == LEAST[check_id].fires[check_id]


@pytest.mark.parametrize("product", ALSO)
def test_whatever_a_check_looks_at_is_found(found: pd.DataFrame, product: str) -> None:
    assert fired(found, product) == ALSO[product].fires


@pytest.mark.parametrize("product", sources())
def test_nothing_is_found_before_a_source_broke(found: pd.DataFrame, product: str) -> None:
    broken_at = (MONDAY + timedelta(hours=2, weeks=sources()[product].broken_week)).date()
    before = found[(found.product_id == product) & (found.week_start_date.dt.date < broken_at)]
    assert before.severity.sum() == 0
