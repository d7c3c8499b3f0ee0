"""Results of checks as OpenLineage run events with DataQualityAssertions facets."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

SPEC = "https://openlineage.io/spec"
RUN_EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
ASSERTIONS = (
    f"{SPEC}/facets/1-1-0/DataQualityAssertionsDatasetFacet.json"
    "#/$defs/DataQualityAssertionsDatasetFacet"
)
NAMESPACE = "steelyard"
LEVELS = {1: "warn", 2: "error", 3: "error"}
"""OpenLineage's severity of ours; a check that found nothing has none."""


def run_events(run: Row, datasets: Mapping[str, Sequence[Row]]) -> Iterator[dict[str, Any]]:
    """Yield a START and a COMPLETE event for each dataset that was checked.

    Args:
        run: `run_id`, `as_of_at` (naive UTC; the time of every event) and `code_version`.
        datasets: Results by dataset name (`source/<id>` or `mart/<name>`), each with `name`,
            `severity` (0 passed, 1 warned, 2 failed, 3 blocked) and, where there is one,
            `actual`, `expected`, `description`, `column` and `params`.

    Equal input gives equal events: run ids are made of the run and the dataset.
    Source: OpenLineage object model 2-0-2, DataQualityAssertions facet 1-1-0.
    """
    producer = f"urn:steelyard:{run['code_version']}"
    for name, rows in datasets.items():
        run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"steelyard:{run['run_id']}:{name}"))
        for event_type in ("START", "COMPLETE"):
            found: dict[str, Any] = {"namespace": NAMESPACE, "name": name}
            if event_type == "COMPLETE":
                facet = {
                    "_producer": producer,
                    "_schemaURL": ASSERTIONS,
                    "assertions": [_assertion(row) for row in rows],
                }
                found["inputFacets"] = {"dataQualityAssertions": facet}
            yield {
                "eventType": event_type,
                "eventTime": f"{run['as_of_at'].isoformat()}Z",
                "producer": producer,
                "schemaURL": RUN_EVENT,
                "run": {"runId": run_id},
                "job": {"namespace": NAMESPACE, "name": f"check.{name}"},
                "inputs": [found],
                "outputs": [],
            }


def _assertion(row: Row) -> dict[str, Any]:
    """Return one result; what it doesn't have is left out."""
    severity = row["severity"]
    found: dict[str, Any] = {
        "assertion": row["name"].replace(" ", "_"),
        "success": severity == 0,
        "name": row["name"],
    }
    if severity:
        found["severity"] = LEVELS[severity]
    for key in ("column", "description", "expected", "actual"):
        if row.get(key) is not None:
            found[key] = str(row[key])
    if row.get("params"):
        found["params"] = dict(row["params"])
    return found
