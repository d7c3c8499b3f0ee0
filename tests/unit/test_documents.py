"""The generated pages: up to date, whole, and with links that lead somewhere."""

import re
from pathlib import Path

import pytest

from orchestration.registry.document import PROJECT, documents
from orchestration.registry.tables import FILES, columns, read_records

PAGES = documents()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_what_the_registry_says_now(path: Path) -> None:
    is_current = path.is_file() and path.read_text(encoding="utf-8") == PAGES[path]
    assert is_current, f"docs/{path.name} is stale: run `make docs`"


def test_every_metric_of_the_sample_has_one_section() -> None:
    (_, header), *body = read_records(PROJECT / "seeds" / "sample" / "metrics.csv")
    ids = [cells[header.index("metric_id")] for _, cells in body]
    text = PAGES[PROJECT / "docs" / "metrics.md"]
    assert {i: text.count(f"; `{i}` version ") for i in ids} == dict.fromkeys(ids, 1)


def test_every_file_and_column_of_the_registry_is_explained() -> None:
    sections = PAGES[PROJECT / "docs" / "registry.md"].split("\n## ")[1:]
    assert [section.split(".csv")[0] for section in sections] == list(FILES)
    for name, section in zip(FILES, sections, strict=True):
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == columns(name)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_within_a_page_lead_to_one_heading(path: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", PAGES[path], re.MULTILINE)
    anchors = [re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGES[path])) <= set(anchors)
