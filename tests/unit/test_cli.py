"""The command line: exit codes, one line an error with its place, no tracebacks."""

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from orchestration import cli
from orchestration.errors import RunError, UserError
from orchestration.lock import workspace_lock
from orchestration.registry.validate import read_registry
from orchestration.workspace import Workspace

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new workspace, named by the environment."""
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "ours"))
    assert cli.main(["init", str(tmp_path / "ours")]) == 0
    return tmp_path / "ours"


def test_a_new_workspace_passes_its_check(home: Path) -> None:
    assert cli.main(["check"]) == 0


def test_a_new_workspace_judges_its_instruments_by_the_default_checks(home: Path) -> None:
    registry, _ = read_registry(home / "seeds")
    default = (PROJECT / "seeds" / "defaults" / "check_thresholds.csv").read_text()
    assert len(registry["check_thresholds"].rows) == len(default.splitlines()) - 1
    assert len(registry["settings"].rows) > 5


def test_init_overwrites_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "seeds" / "products.csv").write_text("mine")
    assert cli.main(["init", str(home)]) == 2
    assert (home / "seeds" / "products.csv").read_text() == "mine"
    assert "there is a registry already" in capsys.readouterr().err


def test_a_check_ends_with_what_is_wrong_and_where(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home / "seeds" / "products.csv"
    line = len(path.read_text().splitlines()) + 1
    with path.open("a") as handle:
        handle.write("cms,and/or\n")
    # both streams in the order in which a terminal shows them
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    assert cli.main(["check"]) == 2
    *_, problem, last = capsys.readouterr().out.splitlines()
    assert problem.startswith(f"{path}:{line}: ")
    assert last == f"The registry has 1 problem, in products.csv, line {line}; nothing was run."


@pytest.mark.parametrize("command", ["check", "refresh"])
def test_a_wrong_registry_is_named_with_file_and_line(
    home: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (home / "seeds" / "sources.csv").open("a") as handle:
        handle.write("/x,cloudevents,nobody,X,,,,,\n")
    line = len((home / "seeds" / "sources.csv").read_text().splitlines())
    assert cli.main([command]) == 2
    said = capsys.readouterr().err
    assert f"{home}/seeds/sources.csv:{line}: product_id: 'nobody' is not in products.csv" in said
    assert "Traceback" not in said


def test_an_empty_landing_zone_is_wrong_input(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["refresh"]) == 2
    said = capsys.readouterr().err
    assert "there is no event to compute from" in said and "--as-of" in said


def test_a_folder_that_is_no_workspace_is_wrong_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path / "none"))
    assert cli.main(["refresh"]) == 2
    assert f"steelyard init {tmp_path / 'none'}" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_workspace_in_use_names_who_holds_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with workspace_lock(Workspace(home)):
        assert cli.main(["refresh"]) == 1
    assert f"in use by process {os.getpid()}" in capsys.readouterr().err


def test_the_lock_is_free_again_after_its_block(home: Path) -> None:
    for _ in range(2):
        with workspace_lock(Workspace(home)):
            pass


@pytest.mark.parametrize(
    ("error", "code"), [(UserError("a", "b."), 2), (RunError("a", "b"), 1)], ids=["user", "run"]
)
def test_errors_have_their_exit_codes(
    error: Exception, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_status", fail)
    assert cli.main(["status"]) == code


def test_status_of_a_workspace_without_publication_says_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["status"]) == 0
    assert "Run `steelyard refresh`" in capsys.readouterr().out


def test_a_file_that_nobody_reads_is_noted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "landing" / "fax").mkdir()
    (home / "landing" / "fax" / "page.tiff").write_text("")
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().out
    assert "fax/page.tiff: no connector reads it" in said
    assert "landing/fax: no connector has this name. There are cloudevents, " in said


def test_files_of_a_connector_without_a_source_are_noted(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "landing" / "git").mkdir()
    (home / "landing" / "git" / "site__tags.csv").write_text("")
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().out
    assert "landing/git: 1 file; no source in sources.csv has this connector" in said


def test_a_source_of_no_connector_is_noted_with_its_line(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file, row in {"products": "desk,Desk,Us,,,,", "sources": "fax,fax,desk,Fax,,,,,"}.items():
        with (home / "seeds" / f"{file}.csv").open("a") as handle:
            handle.write(row + "\n")
    line = len((home / "seeds" / "sources.csv").read_text().splitlines())
    assert cli.main(["check"]) == 0
    assert f"sources.csv:{line}: connector: there is no connector 'fax'" in capsys.readouterr().out


def test_news_of_no_connector_is_wrong_input(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["refresh", "--connector", "fax"]) == 2
    assert "there is no connector 'fax'. Name one of" in capsys.readouterr().err


def test_a_folder_without_a_registry_is_no_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STEELYARD_HOME", str(tmp_path))
    assert cli.main(["refresh"]) == 2
    assert "there is no workspace" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_cannot_be_made_inside_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["init", str(tmp_path / "file")]) == 2
    assert "no folder can be made there (Not a directory)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-01", datetime(2026, 6, 1)),
        ("2026-06-01T02:00:00+02:00", datetime(2026, 6, 1)),
        ("2026-06-01T00:00:00Z", datetime(2026, 6, 1)),
    ],
)
def test_an_instant_is_taken_as_utc(text: str, instant: datetime) -> None:
    assert cli._instant(text) == instant


def test_an_instant_that_is_none_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(["refresh", "--as-of", "yesterday"])
    assert raised.value.code == 2
    assert "'yesterday' is no instant" in capsys.readouterr().err


def test_help_imports_none_of_the_slow_libraries() -> None:
    code = (
        "import sys, orchestration.cli as cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "slow = {'dagster', 'dbt', 'duckdb', 'pandas', 'numpy', 'great_expectations'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True)
    # half a second on an idle machine; the bound leaves room for a busy one
    assert time.perf_counter() - started < 5


def test_a_warehouse_in_use_says_by_whom_and_what_can_be_read_and_leaves_the_docs_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docs = home / "exports" / "data-docs"
    docs.mkdir(parents=True)
    for name in (".steelyard-data-docs", "index.html"):
        (docs / name).write_text("before")
    (home / "warehouse").mkdir(exist_ok=True)
    (home / "publish").mkdir(exist_ok=True)
    database = home / "warehouse" / "steelyard.duckdb"
    held = subprocess.Popen(
        [sys.executable, "-c",
         f"import duckdb, sys; c = duckdb.connect({str(database)!r}); print('held', flush=True); "
         "sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert held.stdout is not None
        held.stdout.readline()
        code = cli.main(["quality", "docs"])
        alone = capsys.readouterr().err
        for name in ("numbers.html", "quality.html"):
            (home / "publish" / name).write_text("")
        (home / ".lock").write_text(f'{{"pid": {held.pid}, "command": "steelyard refresh"}}')
        cli.main(["quality", "docs"])
    finally:
        held.communicate(b"")
    assert code == cli.NOT_PUBLISHED
    assert alone == (
        f"The warehouse, which this command reads, is in use by process {held.pid}. Run the "
        "command again when that has ended.\n"
    )
    told = capsys.readouterr().err
    assert f"in use by process {held.pid} (steelyard refresh). Run" in told
    assert f"{home / 'publish' / 'numbers.html'}  where the latest number" in told
    assert (docs / "index.html").read_text() == "before"
