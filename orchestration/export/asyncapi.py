"""Contracts of sources as AsyncAPI 3.0.0 documents: which events an application sends."""

from typing import Any
from urllib.parse import quote

from orchestration.registry.source_contracts import (
    EventContract,
    Property,
    SourceContract,
    distinct_names,
)

VERSION = "3.0.0"
SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "instant": {"type": "string", "format": "date-time"},
}
ACTOR_KINDS = ["human", "service", "test", "bot", "unknown"]
INGRESS_PATHS = ["web", "cli", "api", "import", "webhook"]


def asyncapi(contract: SourceContract) -> dict[str, Any]:
    """Return one source's contract as an AsyncAPI 3.0.0 document.

    The source sends all its events on one channel, each as a CloudEvents 1.0 message.
    Source: AsyncAPI 3.0.0, sections Channels, Operations, Message Object.
    """
    names = distinct_names(event.event_type for event in contract.events)
    info: dict[str, Any] = {
        "title": contract.source_name,
        "version": f"1.0.0+{contract.digest}",
        "description": f"Events from which metrics of {contract.product_name} are computed.",
        "tags": [{"name": contract.product_id}],
        "x-source-id": contract.source_id,
    }
    if contract.owner_team:
        info["contact"] = {"name": contract.owner_team}
    return {
        "asyncapi": VERSION,
        "id": f"urn:steelyard:source:{quote(contract.source_id, safe='')}",
        "info": info,
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "landing": {
                "address": f"landing/{contract.connector}",
                "description": "Files, one event a line, below this folder of the workspace.",
                "messages": {
                    name: {"$ref": f"#/components/messages/{name}"} for name in names.values()
                },
            }
        },
        "operations": {
            f"send_{names[event.event_type]}": {
                "action": "send",
                "channel": {"$ref": "#/channels/landing"},
                "summary": event.trigger,
                "messages": [{"$ref": f"#/channels/landing/messages/{names[event.event_type]}"}],
            }
            for event in contract.events
        },
        "components": {
            "messages": {
                names[event.event_type]: _message(contract, event) for event in contract.events
            }
        },
    }


def _message(contract: SourceContract, event: EventContract) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": event.event_type,
        "title": event.event_type,
        "summary": event.trigger,
        "contentType": "application/cloudevents+json",
        "tags": [{"name": role} for role in event.roles],
        "payload": _payload(contract, event),
    }
    if event.metric_ids:
        message["x-metrics"] = list(event.metric_ids)
    return message


def _payload(contract: SourceContract, event: EventContract) -> dict[str, Any]:
    """Return the event in CloudEvents' JSON format, as docs/envelope.schema.json has it."""
    required = ["specversion", "id", "source", "type", "subject", "time", "ingresspath",
                "actorkind"]  # fmt: skip
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"const": contract.source_id},
        "type": {"const": event.event_type},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time"},
        "receivedtime": {"type": "string", "format": "date-time"},
        "ingresspath": {"enum": INGRESS_PATHS},
        "actorkind": {"enum": ACTOR_KINDS},
        "actorid": {"type": "string"},
        "correlationid": {"type": "string"},
    }
    if contract.has_receive_clock:
        required.append("receivedtime")
    if event.properties:
        properties["data"] = _data(event.properties)
        if properties["data"].get("required"):
            required.append("data")
    return {"type": "object", "required": required, "properties": properties}


def _data(properties: tuple[Property, ...]) -> dict[str, Any]:
    required = [found.name for found in properties if found.is_required]
    data: dict[str, Any] = {"type": "object"}
    if required:
        data["required"] = required
    data["properties"] = {found.name: dict(SCHEMAS[found.kind]) for found in properties}
    return data
