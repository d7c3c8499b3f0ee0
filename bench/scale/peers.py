"""The same core task in other engines, through the `peers.py` of the floor's folder.

It reads the events as Parquet, keeps the valid and first received ones, pairs starts with finishes
and takes a week's number, mean and percentiles. What isn't installed is named and left out:

    pip install -e .[peers]
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

# the package that an engine needs, by the name that the script has for it
ENGINES = {
    "duckdb": "duckdb",
    "polars": "polars",
    "chdb": "chdb",
    "pandas": "pandas",
    "pyspark": "pyspark",
}
TOLD = re.compile(
    r"^PEER (\S+)\s+groups (\d+) intervals (\d+) events (\S+) "
    r"wall ([\d.]+) cpu ([\d.]+) rss ([\d.]+)",
    re.M,
)
COLUMNS = ("engine", "CPU s", "wall s", "peak GB", "of DuckDB", "groups", "intervals")


def compare(floor: Path, generated: Path) -> None:
    """Run each engine in a process of its own and print them side by side."""
    print("\nThe core task in other engines")
    print(f"  {COLUMNS[0]:<10}" + "".join(f"{column:>11}" for column in COLUMNS[1:]))
    base = None
    for engine, package in ENGINES.items():
        if importlib.util.find_spec(package) is None:
            print(f"  {engine:<10}{'not installed':>15}")
            continue
        command = [sys.executable, str(floor / "peers.py"), engine, str(generated)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = TOLD.search(done.stdout)
        if told is None:
            reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            print(f"  {engine:<10}  failed: {reason[:120]}")
            continue
        _, groups, intervals, _, wall, cpu, peak = told.groups()
        base = base or float(wall)
        figures = [cpu, wall, peak, f"{float(wall) / base:.2f}", groups, intervals]
        print(f"  {engine:<10}" + "".join(f"{figure:>11}" for figure in figures), flush=True)
