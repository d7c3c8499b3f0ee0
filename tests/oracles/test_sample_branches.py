"""A metric and its branches on the same counts: the parent is the weighted sum of its children."""

import duckdb

from orchestration.workspace import Workspace

BRANCHES = ("cloud_test_coverage", "on_premise_test_coverage", "ios_test_coverage")
PARTS = """
    select period_start_date, sum(numerator), sum(denominator)
    from fct_metric_values
    where product_id = 'release_platform' and period_grain = 'week' and {which}
    group by period_start_date
    order by period_start_date
"""


def test_test_coverage_is_the_weighted_sum_of_its_branches_and_of_its_segments(
    published_sample: Workspace,
) -> None:
    with duckdb.connect(str(published_sample.publish / "marts.duckdb"), read_only=True) as marts:

        def parts(which: str) -> list[tuple]:
            return marts.execute(PARTS.format(which=which)).fetchall()

        whole = parts("metric_id = 'test_coverage' and segment_type = 'all'")
        branches = parts(f"metric_id in {BRANCHES} and segment_type = 'all'")
        ripe = "metric_id = 'test_coverage' and is_ripe and segment_type"
        assert len(whole) == 60
        assert branches == whole
        assert parts(f"{ripe} = 'technology'") == parts(f"{ripe} = 'all'")
