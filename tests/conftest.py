"""What all tests share: where a skip is forbidden, and one published sample workspace."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from orchestration.lock import exclusive
from orchestration.workspace import Workspace

SAMPLE_ENDS_ON = date(2026, 6, 5)
SAMPLE_SEED = 1

FORBIDDEN = [kind for kind in os.environ.get("STEELYARD_FORBID_SKIPS", "").split(",") if kind]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests over real exports are marked by the folder that they lie in."""
    for item in items:
        if "real" in item.path.relative_to(item.config.rootpath).parts:
            item.add_marker("real")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """A skip where it is forbidden is a failure: the machine was to have what the test needs."""
    report = yield
    forbidden = [kind for kind in FORBIDDEN if item.get_closest_marker(kind)]
    if report.skipped and not hasattr(report, "wasxfail") and forbidden:
        report.outcome = "failed"
        report.longrepr = f"skipped, though {forbidden[0]} tests must run here: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def no_workspace_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test touches the workspace that the environment names."""
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "no-workspace"))


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample organisation as published, built once a session; to be read only."""
    # workers of one session share the folder above theirs
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    workspace = Workspace(shared / "published_sample")
    with exclusive(shared / "published_sample.lock"):
        if not (workspace.publish / "contract.json").exists():
            _build_sample(workspace)
    return workspace


def _build_sample(workspace: Workspace) -> None:
    from orchestration.refresh import refresh
    from orchestration.sample import build
    from tests.history import land_history

    build(workspace, ends_on=SAMPLE_ENDS_ON, seed=SAMPLE_SEED)
    # the demo lands the checkout's own history: here one that is the same on every machine
    land_history(workspace, SAMPLE_ENDS_ON)
    refresh(workspace)


@pytest.fixture
def sample_copy(published_sample: Workspace, tmp_path: Path) -> Callable[[], Workspace]:
    """Copies of the published sample workspace that a test may break."""

    def copy() -> Workspace:
        home = tmp_path / "sample"
        shutil.copytree(published_sample.home, home)
        return Workspace(home)

    return copy
