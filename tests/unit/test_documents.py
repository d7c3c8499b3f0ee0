"""The generated pages: up to date, whole, and with links that lead somewhere."""

import re
from pathlib import Path

import pytest

from orchestration.registry.dimensions import FACTS, FILTERED_FACTS, PARETO_FACTS
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


def _section(page: str, title: str) -> str:
    text = PAGES[PROJECT / "docs" / page]
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_registry_page_says_what_a_filter_may_name() -> None:
    section = _section("registry.md", "measure_filters.csv")
    rows = dict(re.findall(r"^\| (\w+) \| (.+) \|$", section, re.MULTILINE))
    told = {kind: tuple(re.findall(r"`(\w+)`", rows[kind].replace("`data`", ""))) for kind in FACTS}
    assert told == {kind: facts + FILTERED_FACTS.get(kind, ()) for kind, facts in FACTS.items()}


def test_the_registry_page_says_what_a_pareto_table_may_name() -> None:
    rows = dict(
        re.findall(
            r"^\| (\w+) \| (.+) \| .+ \|$", _section("registry.md", "diagnostics.csv"), re.MULTILINE
        )
    )
    for kind, facts in PARETO_FACTS.items():
        assert all(f"`{fact}`" in rows[kind] for fact in facts)


def test_the_metrics_page_begins_with_a_short_table_of_products() -> None:
    table = PAGES[PROJECT / "docs" / "metrics.md"].split("\n## ", 1)[0]
    rows = [line for line in table.splitlines() if line.startswith("| [")]
    assert rows
    assert all(re.fullmatch(r"\| \[[^]]+\]\(#[^)]+\) \| \d+ \|", row) for row in rows)
    assert f"All {sum(int(row.split('|')[2]) for row in rows)} metrics by name" in table


def test_the_index_has_every_metric_once_in_the_alphabets_order() -> None:
    (_, header), *body = read_records(PROJECT / "seeds" / "sample" / "metrics.csv")
    names = [cells[header.index("metric_name")] for _, cells in body]
    listed = re.findall(r"^- \[([^]]+)\]", _section("metrics.md", "Index"), re.MULTILINE)
    assert listed == sorted(names, key=str.lower)


def _part(path: str, title: str) -> str:
    """One section of a written page, its lines joined."""
    text = (PROJECT / path).read_text(encoding="utf-8")
    return " ".join(text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0].split())


@pytest.mark.parametrize(
    "said",
    [
        "period_grain = 'week' and segment_type = 'all'",
        "Segments are served in one grain per metric",
        "each in that of its Thursday",
        "Watched metrics stand in the marts, on `metrics.html` and in `steelyard explain`",
    ],
)
def test_the_readme_says_how_the_marts_are_read(said: str) -> None:
    assert said in _part("README.md", "Reading the marts")


def test_adding_a_metric_goes_through_every_file_that_shows_it() -> None:
    steps = _part("CONTRIBUTING.md", "Add a metric")
    files = ("watched_metrics", "kpis", "balances", "tripwires")
    assert all(f"`{name}.csv`" in steps for name in files)
    numbers = re.findall(r"(?:^| )(\d)\. [A-Z`]", steps)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
