"""A hundred thousand events whose counts are known from how they are drawn."""

import gzip
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.scale.workspace import PRODUCTS, STEPS, TASKS

START = datetime(2025, 3, 3)
DAYS = 60


@dataclass
class Counts:
    """What an intake must find."""

    kept: int = 0
    quarantined: int = 0
    duplicates: int = 0
    attempts: int = 0
    """Of tasks: from a start or a reopening to the finish that follows it, if any."""


def land(folder: Path, seed: int, entities: int) -> Counts:
    """Write the events of so many tasks and sessions, one file for each day on which they came.

    Files are plain or packed by turns. Among their lines lie broken ones, blank ones and lines
    that came before.
    """
    rng, counts = random.Random(seed), Counts()
    days: dict[int, list[tuple[datetime, str]]] = {}
    for number in range(entities):
        for event in _entity(rng, number, counts):
            _deliver(rng, event, days, counts)
    folder.mkdir(parents=True)
    for day, lines in sorted(days.items()):
        # first come, first written; the sort keeps the order of equal instants
        content = "".join(line for _, line in sorted(lines, key=lambda pair: pair[0])).encode()
        path = folder / f"{day:03d}.jsonl{'.gz' if day % 2 else ''}"
        path.write_bytes(gzip.compress(content, 1, mtime=0) if day % 2 else content)
    return counts


def _entity(rng: random.Random, number: int, counts: Counts) -> Iterable[dict[str, Any]]:
    """The events of one task or session, in the order in which they occurred."""
    at = START + timedelta(seconds=rng.randrange(DAYS * 86_400))
    if rng.random() < 0.5:
        steps = [("bi", "session", step) for step in STEPS[: rng.randint(1, 4)]]
    else:
        source, entity, _ = rng.choice(TASKS)
        steps = [(source, entity, "started")]
        counts.attempts += 1
        if rng.random() < 0.1:
            # a second start while the task is open begins nothing
            steps.append((source, entity, "started"))
        for _ in range(rng.randint(0, 2)):
            steps += [(source, entity, "finished"), (source, entity, "reopened")]
            counts.attempts += 1
        if rng.random() < 0.8:
            steps.append((source, entity, "finished"))
    for place, (source, entity, activity) in enumerate(steps):
        at += timedelta(minutes=rng.randint(1, 600))
        yield {
            "specversion": "1.0",
            "id": f"{number}-{place}",
            "source": source,
            "type": f"{entity}.{activity}",
            "subject": f"{entity}-{number}",
            "time": at,
            "receivedtime": at + timedelta(seconds=rng.randint(1, 100_000)),
            "ingresspath": "api",
            "actorid": f"actor-{rng.randrange(200)}",
            "actorkind": "human",
            "productid": PRODUCTS[number % len(PRODUCTS)],
            "data": {"size": rng.randrange(900), "note": rng.choice(["", "ä", 'a "b"'])},
        }


def _deliver(
    rng: random.Random,
    event: dict[str, Any],
    days: dict[int, list[tuple[datetime, str]]],
    counts: Counts,
) -> None:
    """Put the event's line where it came, and perhaps another one beside it."""
    line = _written(event)
    _put(days, event["receivedtime"], line)
    counts.kept += 1
    draw = rng.random()
    if draw < 0.01:
        counts.duplicates += 1
        later = event["receivedtime"] + timedelta(seconds=rng.randint(1, 200_000))
        _put(days, later, _written(event | {"receivedtime": later}))
    elif draw < 0.02:
        counts.quarantined += 1
        _put(days, event["receivedtime"], rng.choice(_spoiled(event, line)))


def _spoiled(event: dict[str, Any], line: str) -> list[str]:
    return [
        "\n",
        line[:60] + "\n",
        "ERROR upstream timeout\n",
        _written(event | {"id": None}),
        _written(event | {"id": 7}),
        _written(event | {"type": "unheard.of"}),
        _written(event | {"data": "no object"}),
        _written(event | {"time": datetime(2099, 1, 1)}),
        line.replace('"actorkind"', '"id":"again","actorkind"'),
        line.replace('"data"', '"data":{},"data"'),
        line.replace('"size":', '"size":NaN,"was":'),
        line.replace("}}\n", "},}\n"),
    ]


def _written(event: dict[str, Any]) -> str:
    texts = {
        name: f"{value:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(value, datetime) else value
        for name, value in event.items()
    }
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":")) + "\n"


def _put(days: dict[int, list[tuple[datetime, str]]], at: datetime, line: str) -> None:
    days.setdefault((at - START).days, []).append((at, line))
