"""Results of checks leave as run events that OpenLineage's own classes can be built of."""

import json
from datetime import date, datetime
from typing import Any

import duckdb
import pytest
from openlineage.client.event_v2 import InputDataset, Job, Run, RunEvent, RunState
from openlineage.client.generated.data_quality_assertions_dataset import (
    Assertion,
    DataQualityAssertionsDatasetFacet,
)
from openlineage.client.serde import Serde

from orchestration.defs.publish.contracts import read_contracts
from orchestration.export.openlineage import run_events
from orchestration.export.results import check_results

RUN = {"run_id": "r1", "as_of_at": datetime(2026, 3, 11, 9), "code_version": "0.1.0+ab"}
MONDAY, NEXT = date(2026, 3, 2), date(2026, 3, 9)


def row(name: str, severity: int, **changes: Any) -> dict[str, Any]:
    return {"name": name, "severity": severity} | changes


def rebuilt(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event as the standard's classes write it; unknown members raise."""
    datasets = []
    for found in event["inputs"]:
        facets = {}
        for name, facet in found.get("inputFacets", {}).items():
            assertions = [Assertion(**assertion) for assertion in facet["assertions"]]
            facets[name] = DataQualityAssertionsDatasetFacet(
                assertions, producer=facet["_producer"]
            )
            assert facets[name]._schemaURL == facet["_schemaURL"]
        datasets.append(InputDataset(found["namespace"], found["name"], facets))
    made = RunEvent(
        eventTime=event["eventTime"], producer=event["producer"], run=Run(**event["run"]),
        job=Job(**event["job"]), eventType=RunState(event["eventType"]), inputs=datasets,
        outputs=event["outputs"],
    )  # fmt: skip
    assert made.schemaURL == event["schemaURL"]
    return json.loads(Serde.to_json(made))


def bare(value: Any) -> Any:
    """Return what is said, without empty members, which the classes leave out or add."""
    if isinstance(value, dict):
        return {key: bare(part) for key, part in value.items() if part not in (None, {}, [])}
    return [bare(part) for part in value] if isinstance(value, list) else value


def events() -> list[dict[str, Any]]:
    rows = [
        row("redelivery", 0, actual=0.01, params={"event_type": "*", "n": 20}),
        row("clock skew", 1, actual=2.5, description="a fast clock"),
        row("value in range", 3, column="value"),
    ]
    return list(run_events(RUN, {"source/portal": rows, "mart/fct_metric_values": rows[:1]}))


def test_events_are_what_openlineages_classes_write() -> None:
    for event in events():
        assert bare(rebuilt(event)) == bare(event)


def test_a_member_that_the_standard_does_not_know_is_refused() -> None:
    event = events()[1]
    facet = event["inputs"][0]["inputFacets"]["dataQualityAssertions"]
    facet["assertions"][0]["verdict"] = "good"
    with pytest.raises(TypeError, match="verdict"):
        rebuilt(event)


def test_each_dataset_has_a_start_and_a_complete_event_of_one_run() -> None:
    found = [(e["eventType"], e["run"]["runId"], e["inputs"][0]["name"]) for e in events()]
    assert [kind for kind, _, _ in found] == ["START", "COMPLETE"] * 2
    assert found[0][1:] == found[1][1:] and found[2][1:] == found[3][1:]
    assert found[0][1] != found[2][1]


def test_time_is_the_as_of_instant_and_equal_input_gives_equal_events() -> None:
    assert {event["eventTime"] for event in events()} == {"2026-03-11T09:00:00Z"}
    assert events() == events()


def test_what_fails_is_an_error_and_what_warns_is_a_warning() -> None:
    facet = events()[1]["inputs"][0]["inputFacets"]["dataQualityAssertions"]
    assert [(a["success"], a.get("severity")) for a in facet["assertions"]] == [
        (True, None), (False, "warn"), (False, "error"),
    ]  # fmt: skip


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    """Return empty marts that obey the contracts, with a run."""
    connection = duckdb.connect()
    for contract in read_contracts():
        connection.execute(contract.create_statement(contract.name))
    connection.execute(
        "insert into dim_run by name "
        "select 'r1' as run_id, timestamp '2026-03-11 09:00' as as_of_at, "
        "'0.1.0+ab' as code_version, 'UTC' as reporting_time_zone"
    )
    return connection


def test_the_latest_whole_week_is_exported_without_what_is_hidden(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    for week, n in ((date(2026, 2, 23), 8), (MONDAY, None), (NEXT, 9)):
        marts.execute(
            "insert into fct_instrument_checks by name select 'portal' as source_id, "
            "'*' as event_type, ? as week_start_date, 1 as check_id, "
            "'redelivery' as check_name, 0 as severity, ? as n",
            [week, n],
        )
    run, datasets = check_results(marts)
    assert run == RUN
    (found,) = datasets["source/portal"]
    assert found["params"] == {"event_type": "*", "week_start_date": "2026-03-02"}
    assert found["actual"] is None


def test_promises_of_tables_and_sources_are_exported_beside_the_checks(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    marts.execute(
        "insert into fct_contract_checks by name "
        "select 'mart/fct_tasks' as dataset, '*' as event_type, 'task states are known' as "
        "expectation, 'state' as column_name, 2 as severity, 'x' as defect, 'too low' as note, "
        "40 as element_count, 2 as broken_count union all by name "
        "select 'source/portal' as dataset, 'question.asked' as event_type, 'data.domain is sent' "
        "as expectation, 'domain' as column_name, 0 as severity, 'x' as defect, 'y' as note"
    )
    run, datasets = check_results(marts)
    assert list(datasets) == ["mart/fct_tasks", "source/portal"]
    for event in run_events(run, datasets):
        assert bare(rebuilt(event)) == bare(event)
    (_, told, _, kept) = run_events(run, datasets)
    (assertion,) = told["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion == {
        "assertion": "task_states_are_known", "success": False, "name": "task states are known",
        "severity": "error", "column": "state", "description": "too low",
        "params": {"element_count": 40, "broken_count": 2},
    }  # fmt: skip
    (assertion,) = kept["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert assertion["params"] == {"event_type": "question.asked"}
