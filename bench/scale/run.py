"""Race the whole refresh against hand-written SQL over the same events.

    python -m bench.scale.run --floor FOLDER --events 1e6 --work FOLDER [--peers]

`FOLDER` of the floor (or STEELYARD_FLOOR) holds `gen.py`, which writes the events as Parquet, one
folder a received day, and `floor.py`, which builds what hand-written SQL would build of them.
Every stage prints CPU seconds (own process and its children), wall seconds and the peak of
resident memory; ratios are to the floor's total. The run starts with an empty warehouse.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
        _script(floor, "gen.py", "--events", str(events), "--out", str(generated))
    days = sorted(folder.name.removeprefix("dt=") for folder in generated.iterdir())
    workspace = Workspace(Path(options.work) / f"workspace-{events}")
    subprocess.run(["rm", "-rf", str(workspace.home)], check=True)
    write_registry(workspace)
    last = days[-1]
    land(generated, workspace, days[:-1] if options.increment else days)

    base = [Used(*_numbers(m)) for m in STAGE.finditer(_floor(floor, generated, options))]
    total = _sum("floor", [used for used in base if used.name not in SCANS])
    _print(f"floor, {events:,} events", [*base, total], total)
    _print("steelyard, full build", _refresh(workspace), total)
    _print("steelyard, nothing new", _refresh(workspace), total)
    if options.increment:
        land(generated, workspace, [last])
        _print(f"steelyard, the day {last} more", _refresh(workspace), total)
    latency.show(workspace.publish / "marts.duckdb")
    json_lines.compare(generated, Path(options.work), days)
    if options.peers:
        peers.compare(floor, generated)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--floor", default=os.environ.get("STEELYARD_FLOOR", ""))
    parser.add_argument("--work", default="workspace-bench", help="folder for events and results")
    parser.add_argument("--memory", default="4GB", help="DuckDB's limit, for both")
    parser.add_argument("--increment", action="store_true", help="keep the last day for later")
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
        floor, "floor.py", str(generated), "--memory", options.memory, "--db", str(database)
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
