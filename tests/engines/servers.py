"""Servers for tests: a PostgreSQL, a small Spark cluster, on loopback ports, gone afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def postgres_binaries() -> Path | None:
    """The folder of the newest server installed, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def postgres_server(binaries: Path) -> Iterator[dict[str, str]]:
    """Start a server with one empty database; yields the PG* variables that name it."""
    folder = Path(tempfile.mkdtemp(prefix="steelyard-postgres-"))
    data, port = folder / "data", _free_port()
    # the server refuses to be root
    runner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if runner:
        shutil.chown(folder, "postgres")
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} "
        "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
        "-c shared_buffers=256MB -c work_mem=128MB"
    )
    control = [*runner, str(binaries / "pg_ctl"), "-D", str(data), "-w", "-s"]
    subprocess.run(
        [*runner, str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "steelyard",
         "--locale=C", "-E", "UTF8"],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    try:
        subprocess.run(
            [*control, "-l", str(folder / "log"), "-o", options, "start"], check=True, cwd=folder
        )
        yield {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "steelyard",
            "PGPASSWORD": "",
            "PGDATABASE": "postgres",
        }
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def spark_cluster(spark: Path, workers: int = 2) -> Iterator[dict[str, str]]:
    """Start a standalone master, its workers and a thrift server; yields what names the server.

    `spark` is the folder with `bin/spark-class`. Raises TimeoutError with the last lines of the
    log where a server doesn't come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="steelyard-spark-"))
    master, thrift = _free_port(), _free_port()
    at = f"spark://127.0.0.1:{master}"
    settings = {
        "spark.master": at,
        "spark.driver.memory": "2g",
        "spark.executor.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -Xss8m",
        "spark.executor.extraJavaOptions": "-Duser.timezone=UTC -Xss8m",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.buffer.pageSize": "1m",
        "spark.ui.enabled": "false",
    }
    package = "org.apache.spark"
    commands = [
        [f"{package}.deploy.master.Master", "--host", "127.0.0.1", "--port", str(master),
         "--webui-port", "0"],
        *([f"{package}.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1",
           "--memory", "1g", "--webui-port", "0", "--work-dir", f"{folder}/work-{n}", at]
          for n in range(workers)),
        [f"{package}.deploy.SparkSubmit",
         *(word for name, value in settings.items() for word in ("--conf", f"{name}={value}")),
         "--class", f"{package}.sql.hive.thriftserver.HiveThriftServer2", "spark-internal",
         "--hiveconf", f"hive.server2.thrift.port={thrift}",
         "--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"],
    ]  # fmt: skip
    running = []
    try:
        with (folder / "log").open("wb") as log:
            for command in commands:
                running.append(
                    subprocess.Popen(
                        [str(spark / "bin" / "spark-class"), *command], cwd=folder,
                        env={**os.environ, "SPARK_HOME": str(spark), "SPARK_LOCAL_IP": "127.0.0.1"},
                        stdout=log, stderr=log, start_new_session=True,
                    )
                )  # fmt: skip
                _wait_for(thrift if command is commands[-1] else master, folder / "log")
        yield {"STEELYARD_SPARK_HOST": "127.0.0.1", "STEELYARD_SPARK_PORT": str(thrift)}
    finally:
        for process in reversed(running):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, log: Path, seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise TimeoutError(log.read_text(errors="replace")[-2000:])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
