"""Database servers for tests: a PostgreSQL of its own, on a loopback port, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
