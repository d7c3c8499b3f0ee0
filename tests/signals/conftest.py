"""An empty warehouse for each test."""

from pathlib import Path

import pytest

from tests.signals.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "warehouse.duckdb")
