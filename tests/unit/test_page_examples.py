"""The quality report shows the lines that a finding is about, and how to look at them."""

import html
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.pages.examples import command_for, places_of
from orchestration.pages.findings import findings_of
from orchestration.pages.marts import Marts
from orchestration.pages.quality import render_quality
from tests.unit.test_pages import marts, served  # noqa: F401


@pytest.mark.parametrize("name", ["a.jsonl", "with 'quotes' in it.jsonl", "a.jsonl.gz"])
def test_the_command_prints_the_lines_that_it_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "landing").mkdir()
    file = tmp_path / "landing" / name.removesuffix(".gz")
    file.write_text("".join(f"line {n}\n" for n in range(1, 30)), encoding="utf-8")
    if name.endswith(".gz"):
        subprocess.run(["gzip", str(file)], check=True)
    told = subprocess.run(
        command_for(f"landing/{name}", [3, 17]),
        shell=True, cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert told == "line 3\nline 17\n"


@pytest.mark.parametrize("name", ["a b.parquet", "it's $HOME.parquet"])
def test_rows_of_a_parquet_file_count_from_one(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    with duckdb.connect() as connection:
        connection.sql("from range(1, 30) t(n)").write_parquet(str(file))
    command = command_for(str(file), [3, 17])
    assert command.startswith("python -c ")
    shown = subprocess.run(
        command.replace("python", sys.executable, 1),
        shell=True, cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert [json.loads(line)["n"] for line in shown.splitlines()] == [3, 17]


def test_lines_of_a_file_are_told_once_and_no_command_names_a_file_that_is_not_there() -> None:
    rows = [
        {"path": "cms/a.csv", "line_number": 40}, {"path": "cms/(address)/b.csv", "line_number": 2},
        {"path": "cms/a.csv", "line_number": 7}, {"path": "cms/a.csv", "line_number": 40},
        {"path": "cms/broken.csv.gz", "line_number": None},
    ]  # fmt: skip
    assert places_of(rows) == [
        {"places": ["landing/cms/a.csv:7", ":40"], "count": 2,
         "command": "sed -n '7p;40p' landing/cms/a.csv"},
        {"places": ["landing/cms/(address)/b.csv:2"], "count": 1, "command": ""},
        {"places": ["landing/cms/broken.csv.gz"], "count": 1, "command": ""},
    ]  # fmt: skip


def test_each_finding_has_its_own_examples_and_a_warning_is_told_where_it_has_some(
    marts: Marts,  # noqa: F811
) -> None:
    sources = {row["check_id"]: row["source_id"] for row in marts["fct_check_examples"]}
    (failed,) = findings_of(marts, sources[3], [])
    assert (failed["severity"], failed["shown"]) == ("blocked", "a start without an end")
    assert sum(file["count"] for file in failed["examples"]) == 4
    (warned,) = findings_of(marts, sources[1], [])
    assert (warned["severity"], warned["shown"]) == ("warned", "came again")
    sound = next(
        s for s in marts.sources if s not in sources.values() and not findings_of(marts, s, [])
    )
    assert any(row["severity"] == 1 for row in marts.checks[(sound,)])
    page = html.unescape(render_quality(marts))
    for line in ("sed -n '17p;240p' 'landing/cloudevents/roll backs/", "2026-05.parquet:3",
                 "gzip -dc landing/cloudevents/newsroom/2026-04.jsonl.gz | sed -n 1204p",
                 "sed -n 18p landing/cloudevents/newsroom/2026-05.jsonl"):  # fmt: skip
        assert line in page, line
    # closed until somebody asks: the page answers first whether the week can be believed
    assert "<details open" not in page
    assert page.index('class="opening"') < page.index('class="lines"')
