"""Write docs/metrics.md and docs/registry.md from the shipped registry and its Table Schemas.

`python -m orchestration.registry.document` writes both. They hold nothing but what the seeds and
the schemas say, so that the same seeds give the same bytes. Into docs/checks.md it writes what to
mend, as trust and the pages tell it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration.registry.checks_page import with_remedies
from orchestration.registry.dimensions import (
    FACTS,
    FILTERED_FACTS,
    KINDS_WITH_DATA,
    PARETO_FACTS,
    PARETO_QUANTITIES,
)
from orchestration.registry.metric_page import metric_page
from orchestration.registry.tables import FILES, read_records, schema

PROJECT = Path(__file__).parents[2]
DEFAULTS = PROJECT / "seeds" / "defaults"

REGISTRY_HEAD = """\
# The registry

A workspace's registry is these CSV files in its `seeds/`. `steelyard init` writes them with a
comment for each column; `steelyard check` holds every cell against the tables below and names file
and line of what is wrong. Lines that begin with `#` are comments. Generated from the Table Schemas
under `orchestration/registry/schemas`: change those, then run `make docs`.
"""


def documents() -> dict[Path, str]:
    """Text of each generated page, by its path."""
    checks = PROJECT / "docs" / "checks.md"
    return {
        checks: with_remedies(checks.read_text(encoding="utf-8")),
        PROJECT / "docs" / "metrics.md": metric_page(PROJECT / "seeds"),
        PROJECT / "docs" / "registry.md": registry_page(),
    }


def registry_page() -> str:
    """All files of the registry with their columns, keys and default rows, as Markdown."""
    index = [f"- [{name}.csv](#{name}csv): {_first(schema(name)['description'])}" for name in FILES]
    return "\n".join([REGISTRY_HEAD, *index, *(_file_section(name) for name in FILES)]) + "\n"


def _file_section(name: str) -> str:
    described = schema(name)
    need = "Every workspace needs it." if described["isRequired"] else "May be missing."
    keys = ", ".join(f"`{column}`" for column in described.get("primaryKey", []))
    key = f" One row for each {keys}." if keys else ""
    lines = [f"\n## {name}.csv\n", f"{described['description']} {need}{key}\n"]
    lines += ["| Column | Type | Needed | Meaning |", "|---|---|---|---|"]
    references = _references(described)
    lines += [_column_row(column, references) for column in described["fields"]]
    more = {"measure_filters": _filter_facts, "diagnostics": _pareto_facts}
    return "\n".join(lines + _default_rows(name) + more.get(name, list)())


def _filter_facts() -> list[str]:
    """What a filter and a quantity may name, by kind of item."""
    lines = ["\nWhat `dimension` here and `quantity` in [measures.csv](#measurescsv) may name:\n"]
    lines += ["| Item kind | Filter and quantity | Filter only |", "|---|---|---|"]
    for kind, facts in FACTS.items():
        both = _named(facts) + _own(kind)
        lines.append(f"| {kind} | {both} | {_named(FILTERED_FACTS.get(kind, ()))} |")
    lines += [
        "\n`is_by_deadline` needs the anchor `deadline`, `age_at_period_end_hours` the aggregate "
        "`open_at_period_end`.",
        "Of events, `open:<task_type_id>` asks whether the subject had an open task of that type: "
        "`is_true`, `is_false`.",
        "`steelyard check` refuses a name that no item of the kind can have, and notes a property "
        "that no row of",
        "[tracking_plan.csv](#tracking_plancsv) requires: a misspelt one counts nothing.",
    ]
    return lines


def _pareto_facts() -> list[str]:
    """What a Pareto table may name, by kind of item."""
    lines = ["\nWhat `dimension` and `quantity` may name:\n"]
    lines += ["| Item kind | Dimension | Quantity |", "|---|---|---|"]
    for kind, facts in PARETO_FACTS.items():
        own = _own(kind)
        by = _named(facts) + own + (" or its finish event" if kind == "task" else "")
        amounts = (_named(PARETO_QUANTITIES[kind]) + own).removeprefix(", ")
        lines.append(f"| {kind} | {by} | {amounts} |")
    return lines


def _named(facts: Iterable[str]) -> str:
    return ", ".join(f"`{fact}`" for fact in facts)


def _own(kind: str) -> str:
    whose = KINDS_WITH_DATA.get(kind)
    return f", any property {whose}" if whose else ""


def _references(described: dict[str, Any]) -> dict[str, str]:
    """Which file a column's values must be listed in."""
    return {
        field: key["reference"]["resource"]
        for key in described.get("foreignKeys", [])
        for field in key["fields"]
    }


def _column_row(column: dict[str, Any], references: dict[str, str]) -> str:
    constraints = column.get("constraints", {})
    said = [column["description"].rstrip(".") + "."]
    if "enum" in constraints:
        said.append("One of " + ", ".join(f"`{value}`" for value in constraints["enum"]) + ".")
    said += [
        f"{words} {constraints[bound]}."
        for bound, words in (("minimum", "At least"), ("maximum", "At most"))
        if bound in constraints
    ]
    if column["name"] in references:
        file = references[column["name"]]
        said.append(f"Listed in [{file}.csv](#{file}csv).")
    need = "yes" if constraints.get("required") else ""
    return f"| `{column['name']}` | {column['type']} | {need} | {_cell(' '.join(said))} |"


def _default_rows(name: str) -> list[str]:
    path = DEFAULTS / f"{name}.csv"
    if not path.is_file():
        return []
    (_, header), *body = read_records(path)
    lines = ["\nA new workspace starts with these rows:\n"]
    lines += ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(map(_cell, cells)) + " |" for _, cells in body]


def _first(text: str) -> str:
    return text.split(". ")[0].rstrip(".")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the pages."""
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(PROJECT))


if __name__ == "__main__":
    main()
