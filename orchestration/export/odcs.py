"""Contracts of sources as Open Data Contract Standard 3.1.0 documents."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from expectations.suites.clauses import CLAUSES, MINIMUM_N, Clause
from orchestration.defs.load.manifest import CLOUDEVENTS, raw_tables
from orchestration.registry.source_contracts import EventContract, Property, SourceContract

PROJECT = Path(__file__).parents[2]
API_VERSION = "v3.1.0"
LOGICAL_TYPES = {
    "text": "string", "number": "number", "boolean": "boolean", "instant": "timestamp",
}  # fmt: skip

# what every event carries, whatever tool sends it: docs/envelope.schema.json
ENVELOPE = (
    ("id", "string", True, "One event of the source; delivered again, it keeps it."),
    ("source", "string", True, "The source; one source is one clock."),
    ("type", "string", True, "Event type."),
    ("subject", "string", True, "Id of the thing acted on."),
    ("time", "timestamp", True, "When it occurred, by the producer's clock (UTC or with offset)."),
    ("receivedtime", "timestamp", None, "When the collector took it."),
    ("correlationid", "string", False, "Joins start and finish of one task."),
    ("actorid", "string", False, "Keyed hash of who acted; never a name or an address."),
    ("actorkind", "string", True, "human, service, test, bot or unknown."),
    ("ingresspath", "string", True, "web, cli, api, import or webhook."),
    ("segmentid", "string", False, "Segment of the actor as of the event."),
    ("environment", "string", False, "production, staging, and so on."),
)

FORMATS = {"csv": "csv"}
"""What ODCS calls the formats of the landing zone; JSON Lines are JSON."""
THIRD_PERSON = {"warn": "warns", "fail": "fails", "block": "blocks"}


def odcs(contract: SourceContract) -> dict[str, Any]:
    """Return one source's contract as an ODCS 3.1.0 document.

    Source: Open Data Contract Standard 3.1.0, sections Fundamentals, Schema, Data quality, SLA.
    """
    ends = contract.observed_until
    document: dict[str, Any] = {
        "version": f"1.0.0+{contract.digest}",
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"urn:steelyard:source:{quote(contract.source_id, safe='')}",
        "name": contract.source_name,
        "status": "retired" if ends else "active",
        "domain": contract.product_name,
        "dataProduct": contract.product_id,
        "description": {
            "purpose": f"Events of {contract.source_name}, from which metrics of "
            f"{contract.product_name} are computed.",
            "usage": "Each line is accepted, a duplicate, or set aside with its reason.",
        },
        "servers": _servers(contract),
        "schema": [_object(contract, event) for event in contract.events],
    }
    if ends:
        document["description"]["limitations"] = f"The series ended at {ends.isoformat()}Z."
    if contract.owner_team:
        document["team"] = {"name": contract.owner_team}
    sla = _service_levels(contract)
    if sla:
        document["slaProperties"] = sla
    if contract.repair_hint:
        document["customProperties"] = [
            {"property": "repairHint", "value": contract.repair_hint},
        ]
    return document


def _object(contract: SourceContract, event: EventContract) -> dict[str, Any]:
    """Return one event type as a schema object."""
    found: dict[str, Any] = {
        "name": event.event_type,
        "logicalType": "object",
        "physicalType": "event",
        "description": event.trigger,
        "dataGranularityDescription": "One row per event.",
        "tags": list(event.roles),
        "properties": _envelope(contract) + _data(event),
        "quality": _quality(event),
    }
    if event.metric_ids:
        found["customProperties"] = [{"property": "metrics", "value": list(event.metric_ids)}]
    return found


def _envelope(contract: SourceContract) -> list[dict[str, Any]]:
    properties = []
    for name, logical_type, is_required, description in ENVELOPE:
        required = contract.has_receive_clock if is_required is None else is_required
        properties.append(
            {
                "name": name,
                "logicalType": logical_type,
                "required": required,
                "description": description,
            }
        )
    return properties


def _data(event: EventContract) -> list[dict[str, Any]]:
    """Return the event's own properties as one nested object; none where it has none."""
    if not event.properties:
        return []
    return [
        {
            "name": "data",
            "logicalType": "object",
            "required": any(found.is_required for found in event.properties),
            "description": "Properties of this event type.",
            "properties": [_property(found) for found in event.properties],
        }
    ]


def _property(found: Property) -> dict[str, Any]:
    return {
        "name": found.name,
        "logicalType": LOGICAL_TYPES[found.kind],
        "required": found.is_required,
    }


@cache
def _places() -> dict[str, list[tuple[str, str, str]]]:
    """Return name, path and format of the files of each connector, as the loader claims them."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for table in raw_tables(PROJECT):
        for pattern in table.patterns:
            # events come in any of its formats, whatever the source
            kind = "parquet" if pattern.endswith(".parquet") else FORMATS.get(table.format, "json")
            name = kind if table.format == CLOUDEVENTS else table.kind
            below = "**/" if table.format == CLOUDEVENTS else ""
            path = f"landing/{table.connector}/{below}{pattern}"
            found[table.connector].append((f"landing-{name.replace('_', '-')}", path, kind))
    return found


def _servers(contract: SourceContract) -> list[dict[str, Any]]:
    """Return where its files lie, one entry a format."""
    return [
        {"server": name, "type": "local", "path": path, "format": kind}
        for name, path, kind in _places()[contract.connector]
    ]


def _quality(event: EventContract) -> list[dict[str, Any]]:
    """Return what is promised of each event, clause by clause, as it is judged in every run."""
    return [
        _rule(clause, name)
        for clause in CLAUSES
        for name in (
            [found.name for found in event.properties
             if clause.is_about(found.kind, found.is_required)]
            if clause.is_of_properties else [""]
        )
    ]  # fmt: skip


def _rule(clause: Clause, name: str) -> dict[str, Any]:
    """Return one promise with the limits to which it is held."""
    limits = [
        {"severity": limit.severity, "mustBeLessOrEqualTo": round(100 * limit.share, 6),
         "unit": "percent", "onlyIfNoChance": limit.is_sure}
        for limit in clause.limits
    ]  # fmt: skip
    graded = [
        f"{THIRD_PERSON[limit.severity]} above {100 * limit.share:g} %"
        + (" where that is no chance" if limit.is_sure else "")
        for limit in clause.limits
    ]
    return {
        "name": clause.promise(name),
        "description": f"Share of events of a type and week that break it: {', '.join(graded)}. "
        f"As a promise it is not judged below {MINIMUM_N} events; trust goes by evidence at any n.",
        "type": "custom",
        "engine": "great-expectations",
        "implementation": {
            "clause": clause.name,
            **({"property": f"data.{name}"} if name else {}),
            "limits": limits,
        },
        "dimension": clause.dimension,
        "unit": "percent",
        "severity": "error",
        "businessImpact": clause.note,
    }


def _service_levels(contract: SourceContract) -> list[dict[str, Any]]:
    found = []
    if contract.lateness_hours is not None:
        found.append({"property": "latency", "value": contract.lateness_hours, "unit": "h",
                      "driver": "analytics",
                      "description": "Within it 95 % of events arrive: check 10."})  # fmt: skip
    for event in contract.events:
        if event.heartbeat_hours:
            found.append({"property": "frequency", "value": event.heartbeat_hours, "unit": "h",
                          "element": event.event_type, "driver": "operational",
                          "description": "A sign of life: check 11."})  # fmt: skip
    return found
