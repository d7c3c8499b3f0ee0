"""`steelyard check` tells which lines of new files would be set aside, and publishes nothing."""

import json
from pathlib import Path

import pytest

from orchestration import cli, intake_models, landing_check
from orchestration.dbt_runner import PROJECT
from orchestration.defs.load.loaders import load_landing
from orchestration.registry.load import load_registry
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
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().out
    assert f"note: {file}:2: invalid json; it would be set aside" in said
    assert f"note: {file}:3: unknown source" in said and f"{file}:6: unknown" not in said
    assert f"note: {file}: 1 further line: unknown source" in said
    assert f"note: {file}:7: unknown type" in said
    last = (
        "The registry is valid, but 6 of 7 lines of 1 new file would be set aside: kept with the "
    )
    assert said.endswith(f"{last}reason, and counted nowhere.\n")
    assert not (home / "publish").exists() and not (home / "warehouse").exists()


def test_whole_files_are_no_lines(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = land(home, event(1), "", event(2, type="page.lost"))
    file.with_name("nothing.jsonl").write_bytes(b"")
    file.with_name("broken.jsonl.gz").write_bytes(b"no gzip")
    assert cli.main(["check"]) == 1
    told = "but 2 of 3 lines of 3 new files and 2 whole files would be set aside: kept"
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
    assert said.endswith("The registry is valid; 1 new file was not looked into.\n")


def test_a_check_touches_no_other_engine(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    land(home, event(1), event(2, type="page.lost"))
    monkeypatch.setenv("STEELYARD_ENGINE", "postgres")
    # where nobody answers
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    assert cli.main(["check"]) == 1
    assert ":2: unknown type" in capsys.readouterr().out


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_the_last_sentence_and_the_exit_code_tell_what_was_found(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check"]) == 0
    assert last_line(capsys) == "The registry is valid; no landing file is new."
    land(home, event(1), event(2))
    assert cli.main(["check"]) == 0
    said = "The registry is valid, and all 2 lines of 1 new file would be read (ids used before"
    assert last_line(capsys).startswith(said)
    land(home, event(1, type="page.lost"), event(2, type="page.lost"))
    assert cli.main(["check"]) == 1
    said = "The registry is valid, but all 2 lines of 1 new file would be set aside: kept with the"
    assert last_line(capsys).startswith(said)


def test_all_that_is_wrong_with_a_line_is_told_at_once(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = json.loads(event(1, type="page.lost", actorkind="robot", receivedtime="yesterday"))
    del broken["subject"]
    file = land(home, json.dumps(broken), event(2, source="nobody", specversion="0.3"), event(3))
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().out
    assert (
        f"{file}:1: missing attribute (subject); and mistyped attribute (actorkind), unparsable "
        "time (receivedtime yesterday), unknown type (editor page.lost); it would be set aside"
    ) in said
    assert f"{file}:2: mistyped attribute (specversion); and unknown source (nobody); it" in said
    assert f"{file}:3" not in said


def test_no_address_that_stands_in_a_line_is_printed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [event(1, source="jo@example.org"), event(2, time="ann@example.org")]
    land(home, *lines, event(3, type="page.lost", receivedtime="kim@example.org"))
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().out
    assert "unknown source (address)" in said and "(receivedtime (address))" in said
    assert "@" not in said


def test_the_kept_models_of_the_intake_find_what_dbt_finds(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(intake_models, "KEPT", tmp_path / "kept.json")
    land(home, event(1), '{"broken', event(2, source="nobody"), event(3, type="page.lost"))
    assert cli.main(["check"]) == 1
    by_dbt = capsys.readouterr().out
    assert intake_models.KEPT.is_file()

    def refuse(*_: object) -> None:
        raise AssertionError("dbt was started")

    monkeypatch.setattr(intake_models, "run_dbt", refuse)
    assert cli.main(["check"]) == 1
    assert capsys.readouterr().out == by_dbt
    # of another state of the project it is of no use
    kept = json.loads(intake_models.KEPT.read_text()) | {"state": "before"}
    intake_models.KEPT.write_text(json.dumps(kept))
    with pytest.raises(AssertionError, match="dbt was started"):
        cli.main(["check"])


def test_folders_that_are_named_like_nothing_are_told_with_what_was_meant(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("cloudevnts", "cloudevents/edtor", "cloudevents/later", ".git"):
        (home / "landing" / folder).mkdir(parents=True)
    assert cli.main(["check"]) == 0
    said = capsys.readouterr().out
    assert "landing/cloudevnts: no connector has this name. Did you mean cloudevents?" in said
    assert "cloudevents/edtor: no product and no source has this name. Did you mean editor?" in said
    assert "cloudevents/later" not in said and ".git:" not in said


def test_many_files_that_nobody_reads_are_summed_up_and_are_no_news_once_they_were_read(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = land(home, event(1))
    for number in range(8):
        file.with_name(f"page{number}.tiff").write_text("")
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().out
    assert said.count("no connector reads it") == 5
    assert "landing/cloudevents: 3 further files that no connector reads" in said
    assert "but 8 whole files would be set aside" in said
    workspace = Workspace(home)
    load_registry(workspace.seeds, workspace.database)
    load_landing(workspace.database, workspace.landing, PROJECT, None, False)
    assert cli.main(["check"]) == 0
    assert last_line(capsys) == "The registry is valid; no landing file is new."
