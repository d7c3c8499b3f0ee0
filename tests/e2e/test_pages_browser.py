"""The pages in a real browser: offline, quiet, within the window, accessible, printable."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.defs.publish.publish import publish
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import build

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGES = ("scorecard.html", "metrics.html", "numbers.html", "quality.html")
WIDTHS = (390, 800, 1400)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no browser found: install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def every_verdict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = Workspace(tmp_path_factory.mktemp("every_verdict"))
    build(workspace)
    publish(workspace)
    return workspace.publish


@pytest.fixture(params=["every verdict", "sample"])
def folder(request: pytest.FixtureRequest) -> Path:
    """Folder of the pages: marts that hold every verdict, and the sample organisation."""
    if request.param == "every verdict":
        return request.getfixturevalue("every_verdict")
    return request.getfixturevalue("published_sample").publish


class Visit:
    """One page opened at one width, with what the browser said and asked for."""

    def __init__(self, browser: Any, file: Path, width: int = 1280) -> None:
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_for_nothing_but_itself_and_says_nothing_on_the_console(
    browser: Any, folder: Path, page: str
) -> None:
    with Visit(browser, folder / page) as visit:
        assert visit.requests == [(folder / page).as_uri()]
        assert visit.messages == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wider_than_the_window(
    browser: Any, folder: Path, page: str, width: int
) -> None:
    with Visit(browser, folder / page, width) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        # within a region that scrolls by itself a table may be wide
        outside = visit.page.evaluate(
            """width => [...document.querySelectorAll('body *')]
                .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > width + 1)
                .map(e => e.outerHTML.slice(0, 120))""",
            width,
        )
        assert outside == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_violation(browser: Any, folder: Path, page: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, folder / page, width) as visit:
        # thousands of rows of the sample take minutes to audit; a few of the same kind don't
        opened = "published_sample" not in str(folder)
        visit.page.evaluate(
            "opened => document.querySelectorAll('details').forEach(d => d.open = opened)", opened
        )
        violations = Axe().run(visit.page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []


def test_lead_and_balancing_charts_of_a_card_are_equally_large(browser: Any, folder: Path) -> None:
    with Visit(browser, folder / "scorecard.html") as visit:
        sizes = visit.page.evaluate(
            """[...document.querySelectorAll('.card')].map(card =>
                [...card.querySelectorAll('svg.chart')].map(chart => {
                    const box = chart.getBoundingClientRect()
                    return `${Math.round(box.width)} x ${Math.round(box.height)}`
                }))"""
        )
        assert sizes and all(len(set(card)) <= 1 for card in sizes)


def test_words_in_charts_can_be_read_at_every_width(browser: Any, folder: Path) -> None:
    for width in WIDTHS:
        with Visit(browser, folder / "scorecard.html", width) as visit:
            smallest = visit.page.evaluate(
                """Math.min(...[...document.querySelectorAll('.panel .chart text')].map(t =>
                    parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a))"""
            )
            assert smallest >= 9, width


@pytest.mark.parametrize("page", PAGES)
def test_every_link_on_a_page_leads_somewhere(browser: Any, folder: Path, page: str) -> None:
    with Visit(browser, folder / page) as visit:
        targets = visit.page.evaluate(
            "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        )
        for target in targets:
            file, _, anchor = target.partition("#")
            assert (folder / (file or page)).is_file(), target
            assert not anchor or f' id="{anchor}"' in (folder / (file or page)).read_text(), target


@pytest.mark.parametrize("page", PAGES)
def test_identifiers_on_a_page_are_unique(browser: Any, folder: Path, page: str) -> None:
    with Visit(browser, folder / page) as visit:
        ids = visit.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
        assert sorted(ids) == sorted(set(ids))


def test_a_card_holds_all_that_the_meeting_needs(browser: Any, every_verdict: Path) -> None:
    with Visit(browser, every_verdict / "scorecard.html") as visit:
        cards = visit.page.query_selector_all(".card")
        assert len(cards) == 9
        for card in cards:
            words = card.inner_text()
            for heading in (
                "Tripwires", "Question for the meeting", "Last confirmed change",
                "What would change this reading", "Data of the charts", "trust",
            ):  # fmt: skip
                assert heading in words
            assert card.query_selector(".reading").inner_text().endswith(".")


def test_a_page_prints_on_paper(browser: Any, every_verdict: Path) -> None:
    with Visit(browser, every_verdict / "scorecard.html") as visit:
        printed = visit.page.pdf(format="A4")
        assert printed.startswith(b"%PDF")
        visit.page.emulate_media(media="print")
        assert not visit.page.locator("details").first.is_visible()


def test_metrics_are_found_by_word_product_and_state_with_the_keyboard_alone(
    browser: Any, every_verdict: Path
) -> None:
    with Visit(browser, every_verdict / "metrics.html") as visit:
        page = visit.page

        def shown() -> int:
            return page.locator(".metrics li:visible").count()

        everything = shown()
        while page.evaluate("document.activeElement.id") != "words":
            page.keyboard.press("Tab")
        page.keyboard.type("ROLL back")
        assert 0 < shown() < everything
        found = page.locator(".metrics li:visible").all_inner_texts()
        assert all("roll" in text.lower() and "back" in text.lower() for text in found)
        assert page.inner_text("#found") == f"{shown()} metrics"
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        assert shown() == everything
        page.select_option("#product", "tills")
        assert page.locator(".listing:visible").count() == 1
        page.select_option("#product", "")
        page.select_option("#state", "signal")
        assert 0 < shown() < everything
        assert page.locator(".metrics li:visible:not([data-state=signal])").count() == 0
        page.fill("#words", "no such metric")
        assert page.inner_text("#found") == "no metrics"


def test_without_script_all_metrics_are_shown_and_nothing_asks_for_input(
    browser: Any, every_verdict: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((every_verdict / "metrics.html").as_uri())
    assert page.locator(".metrics li:visible").count() > 10
    assert not page.locator("#filters").is_visible()
    context.close()


def test_the_number_of_a_card_leads_to_its_recomputation(browser: Any, every_verdict: Path) -> None:
    with Visit(browser, every_verdict / "scorecard.html") as visit:
        link = visit.page.locator(".panel .now a").first
        value = link.inner_text()
        link.click()
        assert visit.page.url.partition("#")[0].endswith("numbers.html")
        section = visit.page.locator(":target")
        assert section.locator("dt").first.inner_text() == "Definition"
        assert value and section.bounding_box()["y"] < 100


def test_the_quality_report_is_searched_with_the_keyboard_alone(
    browser: Any, every_verdict: Path
) -> None:
    with Visit(browser, every_verdict / "quality.html") as visit:
        page, entries = visit.page, "section.group article.subject, section.group tbody tr"
        articles = page.locator("article.subject")
        names = articles.locator("h3").all_inner_texts()
        assert len(names) > 2
        while page.evaluate("document.activeElement.id") != "words":
            page.keyboard.press("Tab")
        page.keyboard.type(names[1].upper())
        shown = page.locator("article.subject:visible h3").all_inner_texts()
        assert names[1] in shown
        assert names[0] not in shown
        assert page.locator(f":is({entries}):not([hidden])").count() < page.locator(entries).count()
        assert re.fullmatch(r"\d+ of \d+ entries", page.inner_text("#found"))
        # a link to what is hidden ends the search
        page.locator(".sound a, .answers a").get_by_text(names[0], exact=True).first.click()
        assert page.locator("article.subject:visible").count() == len(names)
        assert page.inner_text("#found") == ""
        page.fill("#words", "no such thing")
        assert page.locator("section.group:visible").count() == 0
        assert page.locator(".contents li:visible").count() == 0
        assert page.inner_text("#found").startswith("none of ")
        page.fill("#words", "")
        assert page.locator("section.group:visible").count() == 6
        assert visit.messages == []


def test_a_search_unfolds_what_it_finds_and_folds_it_again(
    browser: Any, every_verdict: Path
) -> None:
    with Visit(browser, every_verdict / "quality.html") as visit:
        page = visit.page
        files = page.locator("#files details").first
        assert files.get_attribute("open") is None
        page.fill("#words", files.locator("tbody th").first.text_content())
        assert files.locator("tbody th").first.is_visible()
        page.fill("#words", "")
        assert files.get_attribute("open") is None
