"""Every worked case of the method comes out of the product's own functions."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.method import formulas, formulas_of_change  # noqa: F401
from tests.method.cases import CASES, CHECKS, differences, wanted


@pytest.mark.parametrize("case_id", list(CHECKS))
def test_worked_case_comes_out(case_id: str) -> None:
    case = CASES[case_id]
    found = CHECKS[case_id](case["inputs"])
    assert not differences(found, wanted(case), case["tolerance"])


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
