"""Publish the same generated events by each engine, and compare what is served.

    python -m bench.scale.engines --floor FOLDER --events 1e6 --work FOLDER [duckdb postgres ...]

Prints the wall seconds of a full build on each engine named (all by default), and how many of its
served tables differ from those of the first. PostgreSQL and Java have to be installed.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bench.scale.workspace import land, write_registry
from orchestration.workspace import Workspace
from tests.engines.compare import differences
from tests.engines.servers import postgres_binaries, postgres_server, spark_cluster

ENGINES = ("duckdb", "postgres", "spark_session", "spark_thrift")


def main() -> None:
    """Generate, land, publish by each engine, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--floor", default=os.environ.get("STEELYARD_FLOOR", ""))
    parser.add_argument("--work", default="workspace-bench", help="folder for events and results")
    options = parser.parse_args()
    work = Path(options.work)
    generated = work / f"events-{int(options.events)}"
    if not generated.is_dir():
        arguments = ["--events", str(int(options.events)), "--out", str(generated)]
        subprocess.run(
            [sys.executable, str(Path(options.floor) / "gen.py"), *arguments], check=True
        )
    days = sorted(folder.name.removeprefix("dt=") for folder in generated.iterdir())
    published: dict[str, Path] = {}
    for engine in options.engines:
        workspace = Workspace(work / f"workspace-{engine}")
        shutil.rmtree(workspace.home, ignore_errors=True)
        write_registry(workspace)
        land(generated, workspace, days)
        secrets = work / f"workspace-{options.engines[0]}" / "secrets"
        if published:
            # names of tasks are made with it
            shutil.copytree(secrets, workspace.home / "secrets", dirs_exist_ok=True)
        with _server(engine) as server:
            took = _refresh(workspace, engine, server)
        published[engine] = workspace.publish / "marts.duckdb"
        found = differences(published[options.engines[0]], published[engine])
        print(f"{engine:<16}{took:>9.1f} s of wall, {len(found)} tables differ", flush=True)
        for line in found[:5]:
            print(f"  {line}")


def _server(engine: str) -> AbstractContextManager[dict[str, str]]:
    if engine == "postgres":
        binaries = postgres_binaries()
        assert binaries is not None, "no PostgreSQL is installed"
        return postgres_server(binaries)
    if engine == "spark_thrift":
        spark = importlib.util.find_spec("pyspark")
        assert spark is not None, "pyspark is not installed"
        return spark_cluster(Path(str(spark.origin)).parent)
    return nullcontext({})


def _refresh(workspace: Workspace, engine: str, server: dict[str, str]) -> float:
    chosen = {"STEELYARD_ENGINE": engine, "STEELYARD_HOME": str(workspace.home), **server}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "refresh"],
        env={**os.environ, **chosen}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{engine} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
