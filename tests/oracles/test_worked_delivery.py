"""The worked case of seven deployments and four incidents, by service and quarter."""

import duckdb
import pytest

FIGURES = (
    "deployment_count, remediation_count, change_count, median_lead_time_hours, failed_count, "
    "route_3_count, rework_count, kind_count, median_recovery_hours, open_recovery_count"
)


def quarters(warehouse: duckdb.DuckDBPyConnection, columns: str, service_id: str) -> list[tuple]:
    """Rows of the worked product that have anything in them."""
    return warehouse.execute(
        f"select {columns} from metrics.int_delivery_quarters where product_id = 'dora' "
        "and service_id = ? and deployment_count + evidence_count > 0",
        [service_id],
    ).fetchall()


@pytest.mark.parametrize("service_id", ["shop", "all"])
def test_five_measures_of_the_worked_case(
    golden_warehouse: duckdb.DuckDBPyConnection, service_id: str
) -> None:
    # 8 15 2 2 10 1 hours; D2 and D7 failed, one a hotfix; 3 and 10 hours until the last incident
    assert quarters(golden_warehouse, FIGURES, service_id) == [(5, 2, 6, 5.0, 2, 0, 1, 5, 6.5, 0)]


def test_the_incident_that_no_deployment_is_found_for_counts_with_the_product_alone(
    golden_warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # four incidents, a roll-back and a hotfix; one incident is of a service without deployments
    columns = "evidence_count, unattributed_count"
    assert quarters(golden_warehouse, columns, "shop") == [(5, 0)]
    assert quarters(golden_warehouse, columns, "all") == [(6, 1)]
