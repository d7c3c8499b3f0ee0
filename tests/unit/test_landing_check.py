"""`steelyard check` tells which lines of new files would be set aside, and publishes nothing."""

import json
from pathlib import Path

import pytest

from orchestration import cli, landing_check
from orchestration.registry.template import write_template
from orchestration.workspace import Workspace
from tests.unit.test_trust_overrides import GOOD

EVENT = {
    "specversion": "1.0", "source": "editor", "type": "page.published", "subject": "page-1",
    "time": "2026-03-02T09:00:00Z", "receivedtime": "2026-03-02T09:00:01Z",
    "ingresspath": "web", "actorkind": "human", "productid": "cms",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace = Workspace(tmp_path / "home")
    write_template(workspace)
    for name, text in GOOD.items():
        (workspace.seeds / f"{name}.csv").write_text(text)
    monkeypatch.setenv("STEELYARD_HOME", str(workspace.home))
    return workspace.home


def land(home: Path, *lines: str) -> Path:
    file = home / "landing" / "cloudevents" / "new.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
    return file


def event(number: int, **changed: str) -> str:
    return json.dumps(EVENT | {"id": f"e{number}"} | changed)


def test_lines_that_a_refresh_would_set_aside_are_named_with_file_line_and_reason(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = [event(n, source="nobody") for n in range(4)]
    file = land(home, event(5), '{"broken', *strange, event(6, type="page.lost"))
    assert cli.main(["check"]) == 0
    said = capsys.readouterr().out
    assert f"note: {file}:2: invalid json; it would be set aside" in said
    assert f"note: {file}:3: unknown source" in said and f"{file}:6: unknown" not in said
    assert f"note: {file}: 1 further line: unknown source" in said
    assert f"note: {file}:7: unknown type" in said
    assert "1 new landing file read, 7 lines: 6 lines would be set aside" in said
    assert not (home / "publish").exists() and not (home / "warehouse").exists()


def test_whole_files_are_no_lines(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = land(home, event(1), "", event(2, type="page.lost"))
    file.with_name("nothing.jsonl").write_bytes(b"")
    file.with_name("broken.jsonl.gz").write_bytes(b"no gzip")
    assert cli.main(["check"]) == 0
    told = "3 new landing files read, 3 lines: 2 lines would be set aside, and 2 whole files"
    assert told in capsys.readouterr().out


def test_what_is_too_large_for_a_check_is_named_with_the_command_that_reads_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    land(home, event(1))
    monkeypatch.setattr(landing_check, "MOST_BYTES", 10)
    assert cli.main(["check"]) == 0
    said = capsys.readouterr().out
    assert "1 new landing file of 0 MB not looked into" in said
    assert "`steelyard refresh` reads every line" in said


def test_a_check_touches_no_other_engine(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    land(home, event(1), event(2, type="page.lost"))
    monkeypatch.setenv("STEELYARD_ENGINE", "postgres")
    # where nobody answers
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    assert cli.main(["check"]) == 0
    assert ":2: unknown type" in capsys.readouterr().out
