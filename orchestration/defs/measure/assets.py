"""The first dbt run, as two steps with the reconciliation gate between them."""

import dagster as dg

from orchestration.dbt_assets import layer_assets
from orchestration.engine import connect
from orchestration.resources import WorkspaceResource

intake = layer_assets("intake", ["staging", "intake", "reference"])
measure = layer_assets("measure", ["instruments", "core", "metrics"])

RECONCILIATION = dg.AssetKey(["intake", "int_intake_reconciliation"])


@dg.asset_check(
    asset=RECONCILIATION,
    blocking=True,
    description="Accepted, duplicate and quarantined lines add up to the lines received, per file.",
)
def reconciliation_adds_up(workspace: WorkspaceResource) -> dg.AssetCheckResult:
    """Stop everything downstream where a line was lost or counted twice."""
    with connect(workspace.get().database, read_only=True) as connection:
        file_count = connection.execute(
            "select count(*) from intake.int_intake_reconciliation"
        ).fetchall()[0][0]
        unbalanced = connection.execute(
            "select path from intake.int_intake_reconciliation "
            "where is_balanced is not true order by path"
        ).fetchall()
    return dg.AssetCheckResult(
        passed=not unbalanced,
        metadata={"file_count": file_count, "unbalanced": [path for (path,) in unbalanced[:20]]},
    )
