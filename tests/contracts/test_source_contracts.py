"""The tracking plan leaves as contracts that the standards' own schemas accept."""

import importlib.resources
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from orchestration.dbt_runner import PROJECT
from orchestration.export import export
from orchestration.export.asyncapi import asyncapi
from orchestration.export.odcs import odcs
from orchestration.registry.source_contracts import (
    Property,
    distinct_names,
    property_kinds,
    source_contracts,
)
from orchestration.registry.template import copy_registry
from orchestration.registry.validate import read_registry
from orchestration.workspace import Workspace

ENVELOPE = json.loads((PROJECT / "docs" / "envelope.schema.json").read_text("utf-8"))
EVENT = {
    "specversion": "1.0", "id": "1", "source": "portal", "type": "question.asked",
    "subject": "q", "time": "2026-03-02T08:00:00Z", "receivedtime": "2026-03-02T08:00:01Z",
    "ingresspath": "web", "actorkind": "human", "data": {"domain": "sales", "minutes": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace with the sample organisation's registry and no data."""
    workspace = Workspace(tmp_path_factory.mktemp("sample"))
    copy_registry(PROJECT / "seeds" / "sample", workspace)
    return workspace


@pytest.fixture(scope="module")
def odcs_schema() -> jsonschema.Draft201909Validator:
    """Return the standard's own schema, as its Python package ships it."""
    folder = importlib.resources.files("open_data_contract_standard")
    schema = json.loads(folder.joinpath("schema.json").read_text("utf-8"))
    assert "v3.1.0" in schema["properties"]["apiVersion"]["enum"]
    return jsonschema.Draft201909Validator(schema)


@pytest.fixture(scope="module")
def asyncapi_schema() -> jsonschema.Draft7Validator:
    """Return the schema of AsyncAPI 3.0.0; NOTICE says where it is from."""
    text = Path(__file__).with_name("asyncapi-3.0.0.json").read_text("utf-8")
    return jsonschema.Draft7Validator(json.loads(text))


def rows(**tables: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return a registry of one source with two event types, changed by `tables`."""
    source = {
        "source_id": "portal", "source_name": "Portal", "product_id": "desk",
        "connector": "cloudevents", "owner_team": "BI", "has_receive_clock": True,
        "lateness_hours": 24.0, "observed_until": None, "repair_hint": "replay the outbox",
    }  # fmt: skip
    plan = [
        _planned("portal", "question.asked", required_properties="domain"),
        _planned("por*", "life.sign", role="heartbeat", heartbeat_hours=6.0),
        _planned("other", "order.paid"),
    ]
    names = ("kpis", "watched_metrics", "balances", "tripwires", "metrics", "measures",
             "measure_filters", "task_types", "people_limits")  # fmt: skip
    empty: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    found = {"products": [{"product_id": "desk", "product_name": "Desk"}], "sources": [source],
             "tracking_plan": plan}  # fmt: skip
    return empty | found | tables


def _planned(source_id: str, event_type: str, **changes: Any) -> dict[str, Any]:
    return {
        "source_id": source_id, "event_type": event_type, "trigger": f"the {event_type}",
        "role": "measure", "required_properties": None, "heartbeat_hours": None,
    } | changes  # fmt: skip


def measure(**changes: Any) -> dict[str, Any]:
    return {
        "measure_id": "m", "item_kind": "event", "item_type": "question.asked",
        "quantity": None, "deadline_property": None,
    } | changes  # fmt: skip


def test_sample_sources_are_contracts_by_odcs_own_schema(
    sample: Workspace, odcs_schema: jsonschema.Draft201909Validator
) -> None:
    files = export(sample, "odcs")
    registry, _ = read_registry(sample.seeds)
    assert len(files) == len(registry["sources"].rows)
    for file in files[::4]:
        odcs_schema.validate(yaml.safe_load(file.read_text("utf-8")))


def test_sample_sources_are_documents_by_asyncapis_own_schema(
    sample: Workspace, asyncapi_schema: jsonschema.Draft7Validator
) -> None:
    for file in export(sample, "asyncapi")[::8]:
        asyncapi_schema.validate(yaml.safe_load(file.read_text("utf-8")))


@pytest.mark.parametrize("kind", ["odcs", "asyncapi"])
def test_the_same_registry_gives_the_same_bytes(
    sample: Workspace, tmp_path: Path, kind: str
) -> None:
    first, again = export(sample, kind), export(sample, kind, tmp_path / "again")
    assert [file.name for file in first] == [file.name for file in again]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]


def test_the_schemas_refuse_what_the_standards_do_not_know(
    odcs_schema: jsonschema.Draft201909Validator, asyncapi_schema: jsonschema.Draft7Validator
) -> None:
    (contract,) = source_contracts(rows())
    assert odcs_schema.is_valid(odcs(contract))
    assert not odcs_schema.is_valid(odcs(contract) | {"sources": []})
    assert asyncapi_schema.is_valid(asyncapi(contract))
    assert not asyncapi_schema.is_valid(asyncapi(contract) | {"publish": {}})


def test_a_contract_has_what_the_plan_says_of_its_source_and_no_other() -> None:
    (contract,) = source_contracts(rows())
    assert [event.event_type for event in contract.events] == ["life.sign", "question.asked"]
    assert contract.events[1].properties == (Property("domain", "text", True),)
    document = odcs(contract)
    assert [found["name"] for found in document["schema"]] == ["life.sign", "question.asked"]
    assert [(level["property"], level["value"]) for level in document["slaProperties"]] == [
        ("latency", 24.0),
        ("frequency", 6.0),
    ]


def test_a_change_of_the_plan_is_another_version() -> None:
    (before,) = source_contracts(rows())
    changed = [_planned("portal", "question.asked", required_properties="domain;minutes")]
    (after,) = source_contracts(rows(tracking_plan=changed))
    assert odcs(before)["version"] != odcs(after)["version"]


def test_a_property_has_the_type_in_which_the_metrics_read_it() -> None:
    filters = [("good", "is_true"), ("size", ">"), ("kind", "="), ("state", "in")]
    registry = rows(
        measures=[
            measure(measure_id="sum", quantity="minutes"),
            measure(measure_id="due", deadline_property="due_at"),
            measure(measure_id="task", item_kind="task", item_type="asking", quantity="size"),
            measure(item_kind="task", item_type="asking", quantity="duration_hours"),
        ],
        measure_filters=[
            {"measure_id": "sum", "dimension": name, "operator": operator}
            for name, operator in filters
        ],
        task_types=[{"task_type_id": "asking", "start_event_type": "question.asked"}],
    )  # fmt: skip
    found = {name: kind for (_, name), kind in property_kinds(registry).items()}
    assert found == {
        "minutes": "number", "due_at": "instant", "good": "boolean", "size": "number",
        "kind": "text", "state": "text",
    }  # fmt: skip


def test_the_payload_takes_good_events_and_refuses_broken_ones() -> None:
    registry = rows(measures=[measure(quantity="minutes")])
    (contract,) = source_contracts(registry)
    payload = asyncapi(contract)["components"]["messages"]["question.asked"]["payload"]
    validator = jsonschema.Draft7Validator(payload)
    jsonschema.Draft202012Validator(ENVELOPE).validate(EVENT)
    validator.validate(EVENT)
    for broken in (
        EVENT | {"data": {"minutes": 3}},
        EVENT | {"data": {"domain": "sales", "minutes": "three"}},
        EVENT | {"source": "another"},
        EVENT | {"actorkind": "someone"},
        {key: value for key, value in EVENT.items() if key != "receivedtime"},
    ):
        assert not validator.is_valid(broken), broken


def test_envelope_and_payload_know_the_same_kinds_and_paths() -> None:
    (contract,) = source_contracts(rows())
    payload = asyncapi(contract)["components"]["messages"]["question.asked"]["payload"]
    for name in ("actorkind", "ingresspath"):
        assert payload["properties"][name]["enum"] == ENVELOPE["properties"][name]["enum"]
    assert set(ENVELOPE["required"]) <= set(payload["required"])


def test_ids_of_signs_become_file_names_that_differ() -> None:
    names = distinct_names(["/cms", "cms", "CMS", "a:b", "a/b"])
    assert names == {"/cms": "cms", "cms": "cms-2", "CMS": "CMS-3", "a:b": "a_b", "a/b": "a_b-2"}


@pytest.mark.parametrize(
    ("connector", "formats"),
    [("cloudevents", {"json", "parquet"}), ("metabase", {"csv"}), ("unheard_of", set())],
)
def test_a_contract_names_the_formats_in_which_its_connector_reads_files(
    connector: str, formats: set[str]
) -> None:
    (source,) = rows()["sources"]
    (contract,) = source_contracts(rows(sources=[source | {"connector": connector}]))
    servers = odcs(contract)["servers"]
    assert {server["format"] for server in servers} == formats
    assert all(server["path"].startswith(f"landing/{connector}/") for server in servers)
    assert len({server["server"] for server in servers}) == len(servers)
