"""What findings became the norm is told as such, and never as over."""

from datetime import date, timedelta
from typing import Any

import pytest

from orchestration.defs.judge.norms import Norm, norm_of

FIRST = date(2025, 1, 6)


def results(severities: list[int], check_id: int = 11, **more: Any) -> list[dict[str, Any]]:
    """Return one result a week; `more` may name weeks without a p."""
    thin = more.pop("thin", ())
    row = {"check_id": check_id, "defect": "any", "p_value": 0.5} | more
    return [
        row
        | {"week_start_date": FIRST + timedelta(weeks=week), "severity": severity}
        | ({"p_value": None} if week in thin else {})
        for week, severity in enumerate(severities)
    ]


def test_half_a_year_of_findings_becomes_the_norm_when_they_cease() -> None:
    lasting = [0] * 4 + [2] * 8 + [1] * 18
    assert norm_of(results(lasting)) is None
    norm = norm_of(results([*lasting, 0]))
    begin, since = FIRST + timedelta(weeks=4), FIRST + timedelta(weeks=30)
    assert norm == Norm(begin, since, 26)
    assert norm.words() == (
        f"Taken for how things are now since the week of {since}, after 26 weeks; "
        "nobody has said that it was mended."
    )
    assert [norm.has(day) for day in (begin - timedelta(7), begin, since)] == [False, True, False]


def test_what_ceases_sooner_is_over_and_no_norm() -> None:
    assert norm_of(results([0] * 4 + [2] * 25 + [0] * 9)) is None
    assert norm_of(results([1, 0] * 30)) is None


def test_what_fails_since_is_held_against_the_norm_and_ends_it() -> None:
    norm = norm_of(results([1] * 26 + [0] * 5))
    assert norm is not None
    assert norm_of(results([1] * 26 + [0] * 5 + [1])) == norm
    assert norm_of(results([1] * 26 + [0] * 20 + [1] + [0])) == norm
    assert norm_of(results([1] * 26 + [0] * 5 + [2])) is None
    assert norm_of(results([1] * 26 + [0] * 5 + [2] + [0])) is None


@pytest.mark.parametrize(
    ("check_id", "defect", "is_norm"),
    [(7, "any", True), (8, "any", True), (11, "any", True), (13, "any", True),
     (14, "any", True), (12, "amounts in another unit than before", True), (12, "any", False),
     (2, "events repeated under new ids", True), (2, "any", False), (1, "any", False),
     (5, "any", False), (17, "any", False)],
)  # fmt: skip
def test_only_checks_that_forget_have_norms(check_id: int, defect: str, is_norm: bool) -> None:
    found = norm_of(results([1] * 26 + [0], check_id, defect=defect))
    assert (found is not None) == is_norm


def test_thin_weeks_end_no_row_and_are_none_of_it() -> None:
    severities = [1] * 10 + [0] + [1] * 16
    assert norm_of(results([*severities, 0], 7, thin=(10,))) is not None
    assert norm_of(results([*severities, 0], 7)) is None
    assert norm_of(results([*severities[:-1], 0], 7, thin=(10,))) is None
