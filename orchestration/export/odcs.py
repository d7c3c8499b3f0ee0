"""Contracts of sources as Open Data Contract Standard 3.1.0 documents."""

from typing import Any
from urllib.parse import quote

from orchestration.registry.source_contracts import EventContract, Property, SourceContract

API_VERSION = "v3.1.0"
LOGICAL_TYPES = {
    "text": "string", "number": "number", "boolean": "boolean", "instant": "timestamp",
}  # fmt: skip

# what every event carries, whatever tool sends it: docs/envelope.schema.json
ENVELOPE = (
    ("id", "string", True, "Unique within the source; an event delivered again keeps it."),
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
        "servers": [
            {
                "server": "landing",
                "type": "local",
                "path": f"landing/{contract.connector}/**",
                "format": "json" if contract.connector == "cloudevents" else "native",
            }
        ],
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
                **({"unique": True} if name == "id" else {}),
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


def _quality(event: EventContract) -> list[dict[str, Any]]:
    """Return what is checked of each event: the same clauses as `expectations` judge."""
    rules: list[dict[str, Any]] = [
        {
            "name": "ids are unique",
            "type": "library",
            "metric": "duplicateValues",
            "dimension": "uniqueness",
            "arguments": {"properties": ["source", "id"]},
            "mustBeLessThan": 1,
            "unit": "percent",
            "severity": "warning",
            "businessImpact": "A sender that retries under new ids counts its events twice.",
        }
    ]
    for found in event.properties:
        if found.is_required:
            rules.append(
                {
                    "name": f"{found.name} is sent",
                    "type": "library",
                    "metric": "missingValues",
                    "dimension": "completeness",
                    "arguments": {"properties": [f"data.{found.name}"]},
                    "mustBeLessThan": 1,
                    "unit": "percent",
                    "severity": "error",
                    "businessImpact": "Filters and sums leave these events out: too low.",
                }
            )
        if found.kind != "text":
            rules.append(
                {
                    "name": f"{found.name} is of its type ({found.kind})",
                    "type": "text",
                    "dimension": "conformity",
                    "description": f"Where data.{found.name} is sent, it can be read as "
                    f"{LOGICAL_TYPES[found.kind]}.",
                    "severity": "error",
                }
            )
    return rules


def _service_levels(contract: SourceContract) -> list[dict[str, Any]]:
    found = []
    if contract.lateness_hours is not None:
        found.append({"property": "latency", "value": contract.lateness_hours, "unit": "h",
                      "driver": "analytics"})  # fmt: skip
    for event in contract.events:
        if event.heartbeat_hours:
            found.append({"property": "frequency", "value": event.heartbeat_hours, "unit": "h",
                          "element": event.event_type, "driver": "operational"})  # fmt: skip
    return found
