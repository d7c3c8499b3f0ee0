"""Where a skip is forbidden, what would be skipped fails; elsewhere it is skipped by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
BROWSER = "tests/e2e/test_pages_browser.py::test_identifiers_on_a_page_are_unique"
REAL = "tests/real/test_real_queries.py"


@pytest.mark.parametrize(
    ("tests", "kind", "words"),
    [(BROWSER, "browser", "no browser found"), (REAL, "real", "real data not found")],
    ids=["browser", "real data"],
)
def test_a_forbidden_skip_is_a_failure(tests: str, kind: str, words: str, tmp_path: Path) -> None:
    def run(forbidden: str) -> subprocess.CompletedProcess[str]:
        # neither a browser nor real exports are to be found
        here = {
            "PATH": str(tmp_path),
            "STEELYARD_FORBID_SKIPS": forbidden,
            "STEELYARD_REAL_DATA": "",
        }
        command = [sys.executable, "-m", "pytest", "-q", "-rsf", "-p", "no:cacheprovider", tests]
        return subprocess.run(
            command, cwd=PROJECT, env=os.environ | here, capture_output=True, text=True, check=False
        )

    allowed = run("")
    assert allowed.returncode == 0, allowed.stdout
    assert " skipped" in allowed.stdout and " passed" not in allowed.stdout
    assert words in allowed.stdout

    refused = run(kind)
    assert refused.returncode == 1, refused.stdout
    assert " failed" in refused.stdout or " error" in refused.stdout
    assert words in refused.stdout
