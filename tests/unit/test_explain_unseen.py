"""What is told of a metric that is declared, and of which nothing was observed yet."""

from datetime import date

import duckdb
import pytest

from orchestration.errors import UserError
from orchestration.explain.number import Number

TABLES = """
    create schema marts; create schema metrics; create schema registry;
    create table marts.fct_metric_values (
        product_id varchar, metric_id varchar, period_grain varchar, segment_type varchar,
        period_start_date date
    );
    create table marts.dim_metrics as
        select unnest(['time_to_fix', 'lead_gap']) as metric_id, null as companion_of_metric_id;
    create table registry.metrics as
        select 'time_to_fix' as metric_id, null as derived_metric_ids, null as derived_operator
        union all select 'lead_gap', 'time_to_fix; other', 'difference';
    create table metrics.int_metric_least_people (metric_id varchar, is_of_people boolean);
    create table metrics.int_product_metrics as
        select 'shop' as product_id, unnest(['time_to_fix', 'lead_gap', 'idle']) as metric_id;
    create table metrics.int_metric_lineage as
        select 'shop' as product_id, 'time_to_fix' as metric_id, event_type,
            'pager' as source_id, event_count
        from (values ('incident.started', 0), ('incident.resolved', 0), ('page.sent', 4))
            as events (event_type, event_count);
"""


@pytest.mark.parametrize(
    ("product", "metric", "said"),
    [
        ("shop", "time_to_fix", "'time_to_fix' is declared for 'shop', but no event of it has "
         "arrived: incident.resolved (pager), incident.started (pager)"),
        ("shop", "lead_gap", "but no event of it has arrived: incident.resolved (pager)"),
        ("shop", "idle", "'idle' is declared for 'shop', but it has no week with a value yet"),
        ("shop", "time_to_fit", "'shop' has no metric 'time_to_fit'. Did you mean time_to_fix?"),
        ("shed", "time_to_fix", "there is no product 'shed' with a metric. Name shop."),
    ],
)  # fmt: skip
def test_a_declared_metric_without_an_observation_names_the_events_that_it_waits_for(
    product: str, metric: str, said: str
) -> None:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        with pytest.raises(UserError) as told:
            Number(connection, product, metric, date(2026, 3, 2))
    assert said in str(told.value)
