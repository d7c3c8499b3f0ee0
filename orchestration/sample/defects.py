"""What is wrong with a few lines on purpose, all of it below the levels at which trust falls.

Redeliveries: one in a thousand events of the busiest types comes a second time, as on any message
bus. Quarantined lines: nine lines, one of each kind that a collector lets through in a year.
"""

from typing import Any

import numpy as np

from orchestration.sample.calendar import HOUR, Calendar
from orchestration.sample.write import json_line

REDELIVERED_SHARE = 0.001
REDELIVERED_TYPES = ("user.active", "contact.received", "dataset.read")
BROKEN_PRODUCT = "service_desk"
BROKEN_WEEK = 26


def redelivered(events: list[dict[str, Any]], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Exact copies of a few events, in the order of the events."""
    chosen = rng.random(len(events)) < REDELIVERED_SHARE
    return [
        event
        for event, is_chosen in zip(events, chosen.tolist(), strict=True)
        if is_chosen and event["type"] in REDELIVERED_TYPES
    ]


def broken_lines(calendar: Calendar) -> list[str]:
    """Nine lines of one week that are no events: the answer to each is on the quality page."""
    moment = calendar.day_start(BROKEN_WEEK, 1) + 10 * HOUR

    def event(number: int, **changes: Any) -> dict[str, Any]:
        at = np.datetime_as_string(np.datetime64(int(moment) + 60 * number, "s"), timezone="UTC")
        whole = {
            "specversion": "1.0",
            "id": f"broken-{number}",
            "source": "service-channels",
            "type": "contact.received",
            "subject": f"contact-broken-{number}",
            "time": str(at),
            "receivedtime": str(at),
            "ingresspath": "api",
            "actorkind": "human",
            "data": {"channel": "phone"},
        }
        whole.update(changes)
        return {name: value for name, value in whole.items() if value is not None}

    return [
        json_line(event(1))[:90],  # a connection was cut
        "",
        '["contact.received", 2]',  # a producer's array where an object belongs
        json_line(event(3, subject=None)),
        json_line(event(4, time="yesterday")),
        json_line(event(5, ingresspath=7)),
        json_line(event(6, time="2099-01-01T00:00:00Z")),  # a device that lost its clock
        json_line(event(7, source="service-fax")),
        json_line(event(8, type="contact.escalated")),  # a release before its tracking plan
    ]
