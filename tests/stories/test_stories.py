"""Every planted story is read for what it is, by the same pipeline that users run."""

import shutil
from pathlib import Path

import pytest

from orchestration.workspace import Workspace
from tests.stories.telling import (
    NEEDED,
    REPORTED,
    Verdicts,
    latest_verdicts,
    match_counts,
    misses,
    report,
    told,
)

PAGE = Path(__file__).parents[2] / "docs" / "stories.md"


def test_the_demo_tells_every_planted_story(published_sample: Workspace) -> None:
    assert misses(latest_verdicts(published_sample)) == {}


@pytest.mark.slow
def test_each_story_is_told_in_at_least_18_of_20_seeds(tmp_path: Path) -> None:
    by_seed: dict[int, Verdicts] = {}
    for seed in REPORTED:
        home = tmp_path / str(seed)
        by_seed[seed] = told(home, seed)
        shutil.rmtree(home)
    PAGE.write_text(report(by_seed), encoding="utf-8")
    counts = match_counts(by_seed)
    assert {kpi: count for kpi, count in counts.items() if count < NEEDED} == {}
