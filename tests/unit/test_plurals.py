"""Counts and units are said in the singular where there is one of them, wherever they stand."""

import doctest
import re
from datetime import date

import pytest

from orchestration import plurals
from orchestration.increment import Plan
from orchestration.pages.figures import counted, humanise
from orchestration.pages.findings import figure_words, when_words
from orchestration.pages.marts import Marts
from orchestration.pages.metrics import render_metrics
from orchestration.pages.quality import render_quality
from orchestration.pages.scorecard import render_scorecard
from orchestration.pages.strips import strip_words
from tests.unit.test_pages import marts, served  # noqa: F401

MANY_OF_ONE = re.compile(r"(?<![\d.,:/-])1 (?!less\b)[a-z]+s\b(?! of \d)")


def test_the_examples_of_the_helper_hold() -> None:
    assert doctest.testmod(plurals).failed == 0
    assert (counted(0, "file"), plurals.counted(0, "file")) == ("no files", "0 files")


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (1.0, "requests", "1 request"),
        (1.004, "releases per 2 weeks", "1 release per 2 weeks"),
        (2.0, "requests", "2 requests"),
        (1.1, "instances", "1.1 instances"),
        (-1.0, "days late", "-1 day late"),
        (1.0, "ms", "1 ms"),
        (1.0, "per 13 weeks", "1 per 13 weeks"),
    ],
)
def test_one_of_a_unit_is_said_in_the_singular(number: float, unit: str, words: str) -> None:
    assert humanise(number, unit) == words


def test_no_page_counts_one_in_the_plural(marts: Marts) -> None:  # noqa: F811
    first = marts["fct_instrument_checks"][0]
    for row in marts["fct_instrument_checks"]:
        # one week that warned in each strip
        same = row["source_id"] == first["source_id"]
        row["severity"] = int(same and row["week_start_date"] == first["week_start_date"])
    for render in (render_quality, render_scorecard, render_metrics):
        page = re.sub(r"<style>.*?</style>", "", render(marts), flags=re.DOTALL)
        # attributes, which a screen reader says, stay in
        text = re.sub(r"[\s\u00a0]+", " ", page)
        assert not MANY_OF_ONE.findall(text)


def test_strips_plans_and_findings_count_one_in_the_singular() -> None:
    assert strip_words([0, 0, 1]) == "passed in 2 weeks, warned in 1 week"
    assert str(Plan(True, plurals.counted(1, "new file"))) == "adds 1 new file"
    rows = [{"week_start_date": date(2026, 3, 2)}]
    assert when_words(rows) == "in the week of 2026-03-02"
    found = {"check_id": 4, "event_type": "*", "statistic": 1.0, "expected": None, "n": 1}
    found |= {"p_value": 0.0001}
    assert figure_words(Marts({}), found) == ["1 of 1 finish", "p < 0.001"]
    many = found | {"statistic": 0.5, "n": 1200, "p_value": None}
    assert figure_words(Marts({}), many) == ["600 of 1,200 finishes"]
