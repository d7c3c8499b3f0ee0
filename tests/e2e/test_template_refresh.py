"""A workspace made of templates computes what the sample does, from the same events."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import cli
from orchestration.workspace import Workspace

PRODUCTS = ("insight_desk", "newsroom_cms")
VALUES = """
    select
        product_id, metric_id, segment_type, segment_value, period_grain, period_start_date,
        value, numerator, denominator, unit_count, is_ripe, no_value_reason
    from marts.fct_metric_values
    where product_id in ('insight_desk', 'newsroom_cms')
    order by all
"""
VERDICTS = """
    select product_id, kpi_id, week_start_date, verdict
    from marts.kpi_scorecard
    where product_id in ('insight_desk', 'newsroom_cms')
    order by all
"""


@pytest.fixture(scope="module")
def made(published_sample: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The templates of two systems over the events that the sample has of them, published."""
    home = tmp_path_factory.mktemp("templates") / "new"
    assert cli.main(["init", str(home), "--template", "bi,cms"]) == 0
    workspace = Workspace(home)
    settings = workspace.seeds / "settings.csv"
    zone = "reporting_time_zone,Europe/Berlin"
    settings.write_text(settings.read_text().replace("reporting_time_zone,UTC", zone))
    for product in PRODUCTS:
        landed = Path("cloudevents") / product
        shutil.copytree(published_sample.landing / landed, workspace.landing / landed)
    (as_of,) = rows(published_sample, "select distinct as_of_at from marts.fct_metric_values")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEELYARD_HOME", str(home))
        assert cli.main(["refresh", "--as-of", as_of[0].isoformat()]) == 0
    return workspace


def rows(workspace: Workspace, sql: str) -> list[tuple]:
    with duckdb.connect(workspace.publish / "marts.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_templates_lack_nothing_that_the_samples_values_of_their_products_need(
    made: Workspace, published_sample: Workspace
) -> None:
    values = rows(made, VALUES)
    assert len(values) > 1000
    assert values == rows(published_sample, VALUES)


def test_templates_give_the_scorecard_that_the_sample_has_of_their_products(
    made: Workspace, published_sample: Workspace
) -> None:
    verdicts = rows(made, VERDICTS)
    assert {kpi for _, kpi, _, _ in verdicts} == {
        "insight_desk.time_to_decision",
        "newsroom_cms.time_to_publish",
    }
    assert verdicts == rows(published_sample, VERDICTS)
    assert "STUB" in (made.publish / "scorecard.html").read_text()
