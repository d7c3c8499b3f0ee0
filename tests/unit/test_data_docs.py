"""Data Docs have a page for each suite, and can be read without a network and without script."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.defs.judge.checks import BROKEN
from orchestration.defs.judge.contract_checks import judge_contracts
from orchestration.defs.judge.trust import CHECKS
from orchestration.errors import UserError
from orchestration.export.data_docs import MADE, MARKER, suites_to_show, write_data_docs
from orchestration.workspace import Workspace
from tests.e2e.test_pages_browser import Visit, browser  # noqa: F401
from tests.sql import render_model
from tests.unit.test_mart_promises import ROWS, Warehouse, warehouse  # noqa: F401
from tests.unit.test_trust_flow import CHECK

LOADED = {"src", "srcset", "data", "poster", "background"}
SUITES = {"source__cms", *(f"mart_{name}" for name in ROWS)}


@pytest.fixture
def home(warehouse: Warehouse) -> Path:  # noqa: F811
    """A workspace with one source that breaks its contract and one row in some marts."""
    statistics = ("source_id varchar, event_type varchar, week_start_date date, clause varchar, "
                  "property varchar, event_count bigint, broken_count bigint, "
                  "evidence varchar")  # fmt: skip
    return warehouse(
        "create schema registry",
        "create table registry.run_context as "
        "select 'r1' as run_id, timestamp '2026-03-11 09:00' as as_of_at, "
        "'UTC' as reporting_time_zone",
        "create schema instruments",
        f"create table instruments.int_contract_statistics ({statistics})",
        "insert into instruments.int_contract_statistics values "
        "('/cms', 'page.published', '2026-03-02', 'time', '', 20, 20, '[]'), "
        # the week under way: what it holds is judged when it is over
        "('/cms', 'page.published', '2026-03-09', 'known_product', '', 20, 20, '[]')",
    ).parents[1]


def test_docs_judge_the_weeks_of_the_quality_page_and_none_that_is_under_way(home: Path) -> None:
    with duckdb.connect(str(Workspace(home).database)) as connection:
        connection.execute("create schema guard; create schema metrics")
        connection.execute(
            "create table metrics.int_person_event_types "
            "(source_id varchar, event_type varchar, least_people bigint, is_hidden boolean)"
        )
    judge_contracts(Workspace(home).database)
    with duckdb.connect(str(Workspace(home).database)) as connection:
        served = connection.execute(render_model("fct_contract_checks")).df()
        judged = {suite.name: rows for suite, rows in suites_to_show(connection)}
    weeks = served[["event_type", "week_start_date", "element_count"]]
    shown = judged["source /cms"].rename(columns={"event_count": "element_count"})
    assert weeks.values.tolist() == shown[list(weeks)].values.tolist()
    assert len(weeks) == 1


def test_a_week_under_way_costs_no_grade_for_what_no_page_shows_yet(home: Path) -> None:
    judge_contracts(Workspace(home).database)
    with duckdb.connect(str(Workspace(home).database)) as connection:
        connection.execute(f"create table guard.instrument_checks ({CHECK})")
        connection.execute("create schema metrics")
        connection.execute(
            "create table metrics.int_person_event_types "
            "(source_id varchar, event_type varchar, least_people bigint, is_hidden boolean)"
        )
        graded = connection.execute(CHECKS).df()
        told = connection.execute(BROKEN).fetchall()
    assert [str(week)[:10] for week in graded["week_start_date"]] == ["2026-03-02"]
    assert {clause for clause, *_ in told} == {"time"}


class Loaded(HTMLParser):
    """Collects what a page would fetch by itself: links that a reader clicks are none."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in LOADED or (tag == "link" and name == "href"):
                self.found.append(value or "")
            if name == "style":
                self.found += re.findall(r"url\(([^)]*)", value or "")
        if tag in ("script", "iframe", "object", "embed"):
            self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.found += re.findall(r"url\(([^)]*)|@import([^;]*)", data)


def test_data_docs_have_a_page_for_each_suite_with_rows_and_load_nothing(home: Path) -> None:
    index = write_data_docs(Workspace(home))
    assert index == home / "exports" / "data-docs" / "index.html"
    assert {path.stem for path in (index.parent / "expectations").iterdir()} == SUITES
    results = list((index.parent / "validations").rglob("*.html"))
    assert len(results) == len(SUITES)
    # the run and its as-of instant, no clock
    assert {path.parents[1].name for path in results} == {"r1"}
    assert {path.parent.name for path in results} == {"20260311T090000.000000Z"}
    for page in index.parent.rglob("*.html"):
        parser = Loaded()
        parser.feed(page.read_text(encoding="utf-8"))
        assert parser.found == ["data:,"], page
    files = [path for path in index.parent.rglob("*") if path.is_file()]
    assert {path.suffix for path in files if path.name != MARKER} == {".html"}
    # all that lies at the top is known as ours, and is replaced: GX alone would leave other files
    stale = index.parent / "expectations" / "of_another_version.css"
    stale.touch()
    index.unlink()
    assert write_data_docs(Workspace(home)) == index
    assert index.is_file() and not stale.exists()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        # somebody's site, or the docs of an earlier version
        (["index.html", "expectations/a.html"], "isn't empty.*delete it first"),
        (["notes.txt"], "isn't empty"),
        # docs within somebody's site, or copied there with their marker
        ([MARKER, "index.html", "about/index.html"], "has 'about'"),
        ([MARKER, "index.html", ".git/config"], "has '.git'"),
    ],
)
def test_a_folder_with_what_we_did_not_make_is_left_alone(
    home: Path, tmp_path: Path, names: list[str], message: str
) -> None:
    folder = tmp_path / "public_html"
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    with pytest.raises(UserError, match=message):
        write_data_docs(Workspace(home), folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert files == sorted(folder / name for name in names)
    assert all(path.read_text() == path.relative_to(folder).as_posix() for path in files)


def test_a_file_is_no_folder_for_docs(home: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").write_text("mine")
    with pytest.raises(UserError, match="this is a file"):
        write_data_docs(Workspace(home), tmp_path / "docs")


def test_docs_are_written_to_an_empty_folder_behind_a_link(home: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "there")
    for _ in range(2):
        write_data_docs(Workspace(home), link)
    assert link.is_symlink() and {path.name for path in link.iterdir()} <= MADE


@pytest.mark.browser
def test_data_docs_are_read_in_a_browser_without_network_or_script(
    home: Path,
    browser: Any,  # noqa: F811
) -> None:
    index = write_data_docs(Workspace(home))
    with Visit(browser, index, 390) as visit:
        lines = visit.page.locator("tbody tr").all_inner_texts()
        # what is broken stands first
        assert "source__cms" in lines[0] and "broken" in lines[0]
        assert len(lines) == len(SUITES)
        assert all("all kept" in line for line in lines[1:])
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        links = visit.page.evaluate(
            "[...document.querySelectorAll('tbody a')].map(a => a.getAttribute('href'))"
        )
        assert len(links) == 2 * len(SUITES)
        result, suite = links[:2]
        assert (visit.requests, visit.messages) == ([index.as_uri()], [])
    assert all((index.parent / link).is_file() for link in links)
    with Visit(browser, index.parent / result, 390) as visit:
        assert visit.page.locator(".fa-times").first.is_visible()
        assert (len(visit.requests), visit.messages) == (1, [])
    with Visit(browser, index.parent / suite, 390) as visit:
        # why a promise matters is behind a button in the templates: here it can be read
        assert visit.page.get_by_text("counts and rates are too low").first.is_visible()
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert (len(visit.requests), visit.messages) == (1, [])
