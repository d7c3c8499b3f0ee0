"""How far the fall of a quarter is carried on, of sixteen known weeks and less."""

import numpy as np
import pytest

from orchestration.method.falls import carried_on, parts


def moved(past: list[float], ahead: int = 0, is_log: bool = True) -> np.ndarray | None:
    """Return the past at the present level; None where nothing falls."""
    falls, at_present = carried_on(np.array([past]), np.array([ahead]), is_log)
    return at_present[0] if falls[0] else None


def line(weeks: int, slope: float) -> list[float]:
    """Return the weeks before the present one on a straight line that would be at 10 in it."""
    return [10 - slope * (weeks - number) for number in range(weeks)]


def test_a_straight_fall_goes_on_to_the_present_week() -> None:
    # the last week is 1 before the present one; no week lies off the line
    assert moved(line(13, -0.01)) == pytest.approx([10.0] * 13)


def test_only_the_last_thirteen_weeks_make_the_line() -> None:
    last = line(13, -0.01)
    assert moved([2.0] * 4 + last) == pytest.approx(moved(last))
    # the thirteenth does
    assert moved([2.0, *last[1:]]) is None


@pytest.mark.parametrize(("ahead", "beyond"), [(1, 1), (4, 4), (5, 4), (20, 4)])
def test_a_fall_goes_on_for_four_weeks_more_at_most(ahead: int, beyond: int) -> None:
    assert moved(line(13, -0.01), ahead) == pytest.approx([10 - 0.01 * beyond] * 13)


@pytest.mark.parametrize("is_log", [True, False])
def test_a_fall_goes_no_further_than_to_half_of_the_mean(is_log: bool) -> None:
    # weeks 13 to 1 before the present one: their mean is 7 weeks before it
    steep = line(13, -0.2) if is_log else [100.0 - 8 * number for number in range(13)]
    least = np.mean(steep) + np.log(0.5) if is_log else np.mean(steep) / 2
    found = moved(steep, 0, is_log)
    assert found is not None
    assert np.mean(found) == pytest.approx(least) if is_log else found.min() >= 0
    if not is_log:
        # weeks on the line are at its end
        assert found[0] == pytest.approx(least)


@pytest.mark.parametrize(("known", "falls"), [(7, False), (8, True)])
def test_a_fall_is_known_from_eight_weeks_on(known: int, falls: bool) -> None:
    past = [np.nan] * (13 - known) + line(known, -0.01)
    assert (moved(past) is not None) is falls


@pytest.mark.parametrize(("ratio", "falls"), [(0.45, False), (0.55, True)])
def test_what_falls_by_less_than_half_a_standard_error_does_not(ratio: float, falls: bool) -> None:
    time = np.arange(-13.0, 0)
    noise = np.where(np.arange(13) % 2, 1.0, -1.0)
    fit = np.polyfit(time, noise, 1)
    left = noise - np.polyval(fit, time)
    # standard error of a slope: residual variance of n - 2 over the squares of time
    error = np.sqrt((left**2).sum() / 11 / ((time - time.mean()) ** 2).sum())
    assert (moved(list(left - ratio * error * time)) is not None) is falls


def test_a_sum_is_made_of_four_hundred_parts_at_most() -> None:
    def of(deviation: float) -> float:
        past = np.log(np.array([[100 - deviation, 100 + deviation] * 4]))
        return parts(past, np.full((1, 8), 40.0), np.array([40.0]))[0][0]

    # mean squared over the variance of eight weeks: 10000 / (d * d * 8 / 7)
    assert of(5) == pytest.approx(350) and of(1) == 400
