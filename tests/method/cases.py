"""The method's worked cases, and the functions that put them through the product."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "worked_cases.json"
CASES: dict[str, dict[str, Any]] = {case["id"]: case for case in json.loads(FILE.read_text())}
CHECKS: dict[str, Callable[..., Any]] = {}
"""By id: a function of the case's inputs, and of the golden warehouse where it asks for one."""

Check = Callable[..., Any]


def worked(case_id: str) -> Callable[[Check], Check]:
    """Register a function that gives what `expected` of the case lists."""

    def register(check: Check) -> Check:
        assert case_id not in CHECKS, f"{case_id} has two checks"
        CHECKS[case_id] = check
        return check

    return register


def wanted(case: dict[str, Any]) -> Any:
    """Return what is expected of the product: all but the figures that it never computes."""
    return _without(case["expected"], set(case.get("not_computed", {})))


def _without(expected: Any, left_out: set[str]) -> Any:
    """Return `expected` without some keys; `cells.n` is the key n in each of the list cells."""
    if isinstance(expected, dict):
        return {
            key: _without(value, {k.removeprefix(f"{key}.") for k in left_out if "." in k})
            for key, value in expected.items()
            if key not in left_out
        }
    if isinstance(expected, list):
        return [_without(value, left_out) for value in expected]
    return expected


def differences(found: Any, expected: Any, tolerance: float, place: str = "") -> list[str]:
    """Return where found and expected differ by more than the tolerance; [] where nowhere."""
    if isinstance(expected, dict):
        if not isinstance(found, dict) or set(map(str, found)) != set(expected):
            return [f"{place}: {found!r} has not the keys {sorted(expected)}"]
        found = {str(key): value for key, value in found.items()}
        pairs = [(f"{place}.{key}", found[key], value) for key, value in expected.items()]
    elif isinstance(expected, list):
        if len(found) != len(expected):
            return [f"{place}: {found!r} instead of {expected!r}"]
        pairs = [(f"{place}[{i}]", found[i], value) for i, value in enumerate(expected)]
    else:
        return [] if _is_same(found, expected, tolerance) else [f"{place}: {found} not {expected}"]
    return [line for where, f, e in pairs for line in differences(f, e, tolerance, where)]


def _is_same(found: Any, expected: Any, tolerance: float) -> bool:
    if expected is None or found is None:
        return expected is found
    if isinstance(expected, (bool, str)):
        return bool(found == expected)
    if isinstance(found, str):
        return False
    # expected figures are given with ten digits
    return math.isclose(float(found), expected, rel_tol=1e-9, abs_tol=max(tolerance, 1e-15))
