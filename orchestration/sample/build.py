"""Write the sample organisation into a workspace."""

import shutil
from datetime import date
from pathlib import Path

from orchestration.registry.template import copy_registry
from orchestration.sample.calendar import Calendar
from orchestration.sample.defects import BROKEN_PRODUCT, broken_lines, redelivered
from orchestration.sample.draw import Draw
from orchestration.sample.interventions import write_interventions
from orchestration.sample.products import PRODUCTS
from orchestration.sample.write import (
    envelopes,
    json_line,
    landing_files,
    write_lines,
    write_parquet,
)
from orchestration.workspace import Workspace

SEEDS = Path(__file__).parents[2] / "seeds" / "sample"


def build(workspace: Workspace, ends_on: date, seed: int = 1) -> None:
    """Copy the registry and write sixty weeks of events, the last week being that of `ends_on`.

    The same date and seed give the same bytes. The folder `landing/cloudevents/<product>` of each
    sample product is replaced; other input stays. The last event is received on `ends_on`.
    """
    copy_registry(SEEDS, workspace)
    calendar = Calendar.ending_on(ends_on)
    write_interventions(workspace.seeds, calendar)
    for product_id, parts in PRODUCTS.items():
        draws = []
        for number, emit in enumerate(parts):
            draws.append(Draw(product_id, seed, calendar, f"/{emit.__name__}" if number else ""))
            emit(draws[-1])
        _write(workspace.landing, draws)


def _write(landing: Path, draws: list[Draw]) -> None:
    draw, events = draws[0], []
    for part in draws:
        found = envelopes(part.product_id, part.batches)
        events += found + redelivered(found, part.rng)
    folder = landing / "cloudevents" / draw.product_id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in landing_files(landing, draw.product_id, draw.calendar, events):
        if file.path.suffix == ".parquet":
            write_parquet(file)
        else:
            write_lines(file.path, [json_line(event) for event in file.events])
    if draw.product_id == BROKEN_PRODUCT:
        write_lines(folder / "replayed-by-hand.jsonl", broken_lines(draw.calendar))
