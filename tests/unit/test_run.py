"""What makes a run's numbers is part of its code's version."""

from importlib.metadata import version

import pytest

from orchestration import run


@pytest.mark.parametrize("package", ["duckdb", "scipy"])
def test_another_version_of_a_package_that_computes_is_another_code(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute = run.code_version.__wrapped__
    before = compute()
    monkeypatch.setattr(run, "version", lambda name: "9.9" if name == package else version(name))
    assert compute() != before
