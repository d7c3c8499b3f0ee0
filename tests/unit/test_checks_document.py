"""The page of the checks names all twenty, and its examples are judged as it says."""

import csv
import re
from pathlib import Path

import pytest

from tests.unit.test_instrument_severities import SEED, last_week, shares

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
SEVERITIES = {"passes": 0, "warns": 1, "fails": 2, "blocks": 3}
# of fixed limits: nothing but the share decides
SHARES = (1, 2, 3, 4, 6, 16, 18, 20)


def entries() -> dict[int, str]:
    """The text of each check, by its number."""
    list_of_checks = PAGE[PAGE.index("## The twenty checks") : PAGE.index("## What each is held")]
    found = re.findall(r"(?ms)^(\d+)\. (.*?)(?=^\d+\. |\Z)", list_of_checks)
    return {int(number): " ".join(text.split()) for number, text in found}


def test_every_check_is_told_with_an_example_and_what_to_mend() -> None:
    checks = {int(row["check_id"]): row["check_name"] for row in csv.DictReader(SEED.open())}
    told = entries()
    assert list(told) == list(checks)
    for number, name in checks.items():
        assert re.match(rf"\*\*{name}\*\* sees .+ \*Example:\* .+ \*To mend:\* ", told[number]), (
            name
        )
        example = told[number].split("*Example:*")[1].split("*To mend:*")[0]
        assert re.search(r"\d|none", example) and re.search("|".join(SEVERITIES), example), name


@pytest.mark.parametrize("check_id", SHARES)
def test_an_example_is_judged_as_the_page_says(check_id: int) -> None:
    found = re.search(r"\*Example:\* (\d+) of (\d+).*?: (\w+)", entries()[check_id])
    assert found
    part, whole, said = int(found[1]), int(found[2]), found[3]
    assert last_week(check_id, shares(whole, part)).severity == SEVERITIES[said]


def test_words_are_explained_before_they_are_used() -> None:
    words = PAGE[PAGE.index("## Words") : PAGE.index("## The twenty checks")]
    for word in ("p-value", "horizon", "heartbeat", "tau", "denominator", "gamma-Poisson"):
        first = re.search(word, PAGE, re.IGNORECASE)
        assert first and word.lower() in words.lower()
        assert first.start() >= PAGE.index("p-values and versions") or word == "p-value"
    assert not re.search(r"\(decision \d+\)", PAGE)
