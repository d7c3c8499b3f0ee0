"""Race the whole refresh against hand-written SQL over the same events.

    python -m bench.scale.run --floor FOLDER --events 1e6 --work FOLDER [--histories] [--peers]

`FOLDER` of the floor (or STEELYARD_FLOOR) holds `gen.py`, which writes the events as Parquet, one
folder a received day, and `floor.py`, which builds what hand-written SQL would build of them.
Every stage prints CPU seconds (own process and its children), wall seconds and the peak of
resident memory; ratios are to the floor's total. The run starts with an empty warehouse.
"""

import argparse
import math
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

from bench.scale import json_lines, latency, peers
from bench.scale.workspace import land, write_registry
from orchestration.errors import UserError
from orchestration.workspace import Workspace

STAGE = re.compile(r"^(\S.*?)\s+wall\s+([\d.]+)s\s+cpu\s+([\d.]+)s\s+peak\s+([\d.]+) GB", re.M)
SCANS = ("scan_all_columns", "scan_no_id_no_props")


@dataclass(frozen=True)
class Used:
    """What a stage took: CPU and wall seconds, peak of resident memory in GB."""

    name: str
    cpu: float
    wall: float
    peak: float


def main() -> None:
    """Generate, land, race and print."""
    options = _options()
    events, floor = int(options.events), Path(options.floor)
    generated = Path(options.work) / f"events-{events}"
    if not generated.is_dir():
        # so many that the events of one chunk fit into memory; what comes out depends on it
        chunks = "24" if events >= 1e8 else "12"
        _script(floor, "gen.py", "--events", str(events), "--out", str(generated),
                "--chunks", chunks)  # fmt: skip
    days = sorted(folder.name.removeprefix("dt=") for folder in generated.iterdir())
    base = [Used(*_numbers(m)) for m in STAGE.finditer(_floor(floor, generated, options))]
    total = _sum("floor", [used for used in base if used.name not in SCANS])
    _print(f"floor, {events:,} events", [*base, total], total)

    workspace = Workspace(Path(options.work) / f"workspace-{events}")
    *before, last_but_one, last = days
    _begin(workspace, generated, before if options.increment else days, options)
    _print("steelyard, full build", _refresh(workspace), total)
    _print("steelyard, nothing new", _refresh(workspace), total)
    if options.increment:
        # dbt makes the statements of the first one, which the next send again
        for day in (last_but_one, last):
            land(generated, workspace, [day])
            _print(f"steelyard, the day {day} more", _refresh(workspace), total)
    if options.histories:
        _histories(generated, days, total, options)
    latency.show(workspace.publish / "marts.duckdb")
    json_lines.compare(generated, Path(options.work), days)
    if options.peers:
        peers.compare(floor, generated)


def _begin(
    workspace: Workspace, generated: Path, days: Sequence[str], options: argparse.Namespace
) -> None:
    """Make the workspace anew: registry and the events of these days, nothing computed."""
    subprocess.run(["rm", "-rf", str(workspace.home)], check=True)
    write_registry(workspace, options.memory)
    land(generated, workspace, days)


def _histories(
    generated: Path, days: Sequence[str], floor: Used, options: argparse.Namespace
) -> None:
    """Add the same last day to an eighth, a third and all of the days before it.

    Prints each increment and the exponent b of CPU seconds ~ days ** b (least squares of the
    logarithms): 0 if a day costs what it brings, 1 if it costs what is stored.
    """
    *before, last = days
    lengths = [len(before) // 8, len(before) // 3, len(before)]
    whole, without_start_up = [], []
    for length in lengths:
        workspace = Workspace(Path(options.work) / "workspace-history")
        *most, last_but_one = before[-length:]
        _begin(workspace, generated, most, options)
        _refresh(workspace)
        # dbt makes the statements of an increment that comes first, which the next sends again
        land(generated, workspace, [last_but_one])
        _refresh(workspace)
        land(generated, workspace, [last])
        used = _refresh(workspace)
        _print(f"steelyard, the day {last} after {length} days", used, floor)
        whole.append(used[-1].cpu)
        without_start_up.append(used[-1].cpu - used[-2].cpu)
    for name, seconds in (("all", whole), ("without start-up", without_start_up)):
        slope = linear_regression([math.log(n) for n in lengths], [math.log(s) for s in seconds])
        print(f"  exponent of CPU against days of history, {name}: {slope.slope:.2f}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--floor", default=os.environ.get("STEELYARD_FLOOR", ""))
    parser.add_argument("--work", default="workspace-bench", help="folder for events and results")
    parser.add_argument("--memory", type=int, default=4, help="DuckDB's limit in GB, for both")
    parser.add_argument("--increment", action="store_true", help="keep the last two days for later")
    parser.add_argument("--histories", action="store_true", help="that day on three histories")
    parser.add_argument("--peers", action="store_true", help="the core task in other engines too")
    options = parser.parse_args()
    if not options.floor or not (Path(options.floor) / "floor.py").is_file():
        raise SystemExit(str(UserError("there is no floor to race", "Set STEELYARD_FLOOR.")))
    return options


def _script(folder: Path, name: str, *arguments: str) -> str:
    command = [sys.executable, str(folder / name), *arguments]
    done = subprocess.run(command, cwd=None, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr[-2000:]}")
    return done.stdout


def _floor(floor: Path, generated: Path, options: argparse.Namespace) -> str:
    database = Path(options.work) / "floor.db"
    told = _script(
        floor, "floor.py", str(generated), "--memory", f"{options.memory}GB", "--db", str(database)
    )
    subprocess.run(["rm", "-rf", "tmp"], check=False)
    return told


def _numbers(match: re.Match[str]) -> tuple[str, float, float, float]:
    name, wall, cpu, peak = match.groups()
    return name, float(cpu), float(wall), float(peak)


def _refresh(workspace: Workspace) -> list[Used]:
    """Run the command in a process of its own, stage by stage as it tells them."""
    environment = dict(os.environ, STEELYARD_HOME=str(workspace.home))
    command = [sys.executable, "-m", "bench.scale.staged", "refresh"]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"refresh failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    stages = [Used(*_numbers(match)) for match in STAGE.finditer(done.stdout)]
    cpu = sum(getattr(after, n) - getattr(before, n) for n in ("ru_utime", "ru_stime"))
    rest = cpu - sum(used.cpu for used in stages)
    waited = wall - sum(used.wall for used in stages)
    peak = max((used.peak for used in stages), default=0.0)
    return [*stages, Used("start-up and pages' text", rest, waited, peak),
            Used("all", cpu, wall, peak)]  # fmt: skip


def _sum(name: str, stages: list[Used]) -> Used:
    return Used(
        name,
        sum(used.cpu for used in stages),
        sum(used.wall for used in stages),
        max(used.peak for used in stages),
    )


def _print(title: str, stages: list[Used], floor: Used) -> None:
    print(f"\n{title}\n  {'stage':<30}{'CPU s':>9}{'wall s':>9}{'peak GB':>9}{'of floor':>10}")
    for used in stages:
        share = used.cpu / floor.cpu
        print(f"  {used.name:<30}{used.cpu:>9.2f}{used.wall:>9.2f}{used.peak:>9.2f}{share:>10.2f}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
