"""Each worked case notices a mistake in its formula: a check that can't fail is worse than none."""

import pytest

from tests.method.cases import CASES
from tests.method.conftest import failures
from tests.method.mutations import MISTAKES, made


def test_every_worked_case_has_a_mistake_to_notice() -> None:
    assert sorted(MISTAKES) == sorted(CASES)


@pytest.mark.parametrize("case_id", list(MISTAKES))
def test_mistake_is_noticed(case_id: str, request: pytest.FixtureRequest) -> None:
    with made(MISTAKES[case_id]):
        assert failures(case_id, request), f"{case_id} doesn't notice {MISTAKES[case_id]}"
