"""Every worked case of the method comes out of the product's own functions."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.method.cases import CASES, CHECKS
from tests.method.conftest import PROPERTY, failures

RUN: set[str] = set()


@pytest.mark.parametrize("case_id", list(CHECKS))
def test_worked_case_comes_out(
    case_id: str, request: pytest.FixtureRequest, record_property: Callable[[str, str], None]
) -> None:
    assert not failures(case_id, request)
    RUN.add(case_id)
    record_property(PROPERTY, case_id)


def test_every_worked_case_was_run(request: pytest.FixtureRequest) -> None:
    assert sorted(CHECKS) == sorted(CASES)
    chosen = sum("test_worked_case_comes_out" in item.name for item in request.session.items)
    if chosen < len(CASES):
        pytest.skip(f"only {chosen} of {len(CASES)} worked cases were chosen to be run")
    assert sorted(RUN) == sorted(CASES)


def test_data_file_says_what_the_methods_own_file_says() -> None:
    path = os.environ.get("STEELYARD_METHOD")
    if path is None:
        pytest.skip("STEELYARD_METHOD doesn't name the method's oracle file")
    theirs: dict[str, Any] = {
        oracle["id"]: oracle for oracle in json.loads(Path(path).read_text())["oracles"]
    }
    assert set(theirs) == set(CASES)
    for case_id, case in CASES.items():
        for part in ("inputs", "expected", "tolerance"):
            assert case[part] == theirs[case_id][part], case_id
