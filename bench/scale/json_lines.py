"""JSON Lines with nothing lost, against DuckDB's `read_json` with explicit columns.

Both write the same Parquet. Each runs three times by turns in this process, and the least CPU
seconds count. Once the lines are as written, once every thousandth line is cut off: then the line
numbers of what was rejected are compared with those of what was cut.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from bench.scale.workspace import land_json_lines
from orchestration.defs.load.envelope import ATTRIBUTES, INSTANTS
from orchestration.defs.load.loaders import REJECTED_COLUMNS
from orchestration.defs.load.segments import WRITTEN, Source, convert
from orchestration.engine import connect
from orchestration.workspace import Workspace

ROUNDS = 3
CUT_EVERY, CUT_AT = 1000, 40
COLUMNS = ", ".join(
    f"{name}: '{'TIMESTAMP' if name in INSTANTS else 'VARCHAR'}'" for name in ATTRIBUTES
)


def compare(generated: Path, work: Path, days: Sequence[str]) -> None:
    """Land the events as JSON Lines below `work`, read them both ways and print the ratio."""
    workspace = Workspace(work / "json-lines")
    shutil.rmtree(workspace.home, ignore_errors=True)
    land_json_lines(generated, workspace, days)
    files = sorted((workspace.landing / "cloudevents").glob("*.jsonl"))
    size = sum(file.stat().st_size for file in files)
    print(
        f"\nJSON Lines, {len(files)} files, {size / 1e6:.0f} MB\n  {'':<30}{'CPU s':>9}{'ratio':>9}"
    )
    _print_ratio("as written", files, work)
    cut = {(file.name, number) for file in files for number in _cut_lines(file)}
    rejected = _print_ratio("every 1000th line cut off", files, work)
    print(f"  wrong line numbers: {len(cut ^ rejected)} of {len(cut)}")


def _cut_lines(file: Path) -> list[int]:
    lines = file.read_bytes().splitlines(keepends=True)
    numbers = list(range(CUT_EVERY // 2, len(lines) + 1, CUT_EVERY))
    for number in numbers:
        lines[number - 1] = lines[number - 1][:CUT_AT] + b"\n"
    file.write_bytes(b"".join(lines))
    return numbers


def _print_ratio(name: str, files: list[Path], work: Path) -> set[tuple[str, int]]:
    rejected: set[tuple[str, int]] = set()
    plain, ours = [], []
    for _ in range(ROUNDS):
        plain.append(_cpu(lambda: _read_json(files, work / "plain.parquet")))
        ours.append(_cpu(lambda: rejected.update(_read(files, work / "segments"))))
    print(f"  {'read_json, ' + name:<36}{min(plain):>9.2f}{1:>9.2f}")
    print(f"  {'Steelyard, ' + name:<36}{min(ours):>9.2f}{min(ours) / min(plain):>9.2f}")
    return rejected


def _cpu(read: Callable[[], None]) -> float:
    began = os.times()
    read()
    ended = os.times()
    return ended.user - began.user + ended.system - began.system


def _read_json(files: list[Path], output: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set memory_limit = '4GB'")
        connection.execute(
            f"copy (from read_json(?, format = 'newline_delimited', columns = {{{COLUMNS}}}, "
            f"ignore_errors = true)) to '{output}' ({WRITTEN})",
            [[str(file) for file in files]],
        )


def _read(files: list[Path], folder: Path) -> set[tuple[str, int]]:
    """Names and line numbers of what was rejected."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with connect(folder / "lines.duckdb") as connection:
        connection.execute(
            f"create schema raw; create table raw.rejected_lines ({REJECTED_COLUMNS})"
        )
        convert(connection, folder, [Source(file.name, "", file) for file in files])
        found = connection.execute("select file_id, line_number from raw.rejected_lines").fetchall()
    return set(found)
