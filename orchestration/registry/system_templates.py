"""Templates: registry rows with which a new workspace measures systems of a known kind.

A template is one product of the sample organisation, its KPIs and what its metrics need, so that
no definition stands twice. What the sample lacks (KPIs of products that it only watches, events
that it doesn't send) stands in `seeds/templates`, in files of the same names and columns. What
the sample measures on a product though it belongs to another system is named in `left_out.csv`.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestration.errors import UserError
from orchestration.registry.rules import split
from orchestration.registry.tables import FILES, columns, read_records

SEEDS = Path(__file__).parents[2] / "seeds"
POOL = (SEEDS / "sample", SEEDS / "templates")

STUB_MARK = "STUB, "
STUB = STUB_MARK + "rewrite it with a user, for example: "
GOAL_STUB = STUB_MARK + "agree on your own, for example: "
OWNER_STUB = "to be named"
AGREED = ("balances", "tripwires")
"""Tables of margins and thresholds, whose reasons hold for the sample's own people."""

OWNED = {
    "balances": "kpi_id",
    "tripwires": "kpi_id",
    "measure_filters": "measure_id",
    "holidays": "calendar_id",
}
"""Tables whose rows come with a row of another table, and the column that names it."""

NAMED = ("metrics", "measures", "task_types", "calendars", "segments")
"""Tables whose rows come where something names them."""

LEFT_OUT = (
    "annotations",
    "interventions",
    "unit_costs",
    "check_thresholds",
    "check_parameters",
    "accepted_losses",
    "excluded_accounts",
)
"""Tables of which a template brings nothing: a history of one's own, and the defaults."""

Values = dict[str, str]
Tables = dict[str, list[Values]]
Foreign = set[tuple[str, ...]]
"""Product, column and value of the rows that belong to another system."""


@dataclass(frozen=True)
class System:
    """One kind of system that there is a template for."""

    template: str
    system_id: str
    system_name: str
    product_id: str
    """Product of the sample organisation that the template is made of."""
    kpi_ids: tuple[str, ...]


def systems() -> dict[str, System]:
    """Every system with a template, by the template's name, in the order of the catalogue."""
    kpis = _read(SEEDS / "templates" / "template_kpis.csv")
    return {
        row["template"]: System(
            **row,
            kpi_ids=tuple(k["kpi_id"] for k in kpis if k["template"] == row["template"]),
        )
        for row in _read(SEEDS / "templates" / "systems.csv")
    }


def chosen_systems(names: str) -> list[System]:
    """The systems of a list of template names, separated by commas; UserError for another name."""
    known = systems()
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        what = f"there is no template {unknown[0]!r}" if unknown else "no template is named"
        raise UserError(what, f"Name some of {', '.join(known)}, separated by commas.")
    return [known[name] for name in dict.fromkeys(wanted)]


def template_rows(chosen: Iterable[System]) -> Tables:
    """Rows of each registry file for these systems together; no row stands twice.

    Problem statements, questions, goals, and reasons of margins and thresholds are marked as stubs,
    since only the workspace's own users can say them; who owns and how many use a product is left
    open too.
    """
    chosen = list(chosen)
    pool = {name: _pooled(name) for name in FILES}
    products = {system.product_id for system in chosen}
    foreign = _foreign(chosen)
    kept: Tables = {
        name: [
            row
            for row in pool[name]
            if row["product_id"] in products and not _is_foreign(foreign, row, row["product_id"])
        ]
        for name in FILES
        if "product_id" in columns(name) and name not in LEFT_OUT
    }
    kpi_ids = {kpi_id for system in chosen for kpi_id in system.kpi_ids}
    kept["kpis"] = [row for row in kept["kpis"] if row["kpi_id"] in kpi_ids]
    statements = {row["problem_statement_id"] for row in kept["kpis"]}
    kept["problem_statements"] = [
        row for row in kept["problem_statements"] if row["problem_statement_id"] in statements
    ]
    _add_what_is_owned(pool, kept, "kpi_id", kpi_ids)
    kept["tracking_plan"] = _plan(pool, kept, foreign)
    _add_what_is_named(pool, kept)
    kept["tree_edges"] = _whole_branches(kept)
    kept["settings"] = _settings(pool, kept)
    return {name: [_as_stub(name, row) for row in rows] for name, rows in kept.items()}


def as_csv(name: str, rows: Iterable[Values]) -> str:
    """Rows as text in the order of the file's columns, without a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([row.get(column, "") for column in columns(name)] for row in rows)
    return text.getvalue()


def _foreign(chosen: list[System]) -> Foreign:
    """What each product leaves out; what one of its systems needs is there for all of them."""
    named: dict[str, set[tuple[str, str]]] = {system.template: set() for system in chosen}
    for row in _read(SEEDS / "templates" / "left_out.csv"):
        if row["template"] in named:
            named[row["template"]].add((row["column"], row["value"]))
    return {
        (system.product_id, *place)
        for system in chosen
        for place in named[system.template]
        if all(
            place in named[other.template]
            for other in chosen
            if other.product_id == system.product_id
        )
    }


def _is_foreign(foreign: Foreign, row: Values, product_id: str) -> bool:
    return any((product_id, column, value) in foreign for column, value in row.items())


def _plan(pool: Tables, kept: Tables, foreign: Foreign) -> list[Values]:
    products = {row["source_id"]: row["product_id"] for row in kept["sources"]}

    def is_sent(row: Values) -> bool:
        named = row["source_id"]
        senders = (
            [source for source in products if source.startswith(named[:-1])]
            if named.endswith("*")
            else [named] * (named in products)
        )
        return any(not _is_foreign(foreign, row, products[source]) for source in senders)

    return [row for row in pool["tracking_plan"] if is_sent(row)]


def _add_what_is_named(pool: Tables, kept: Tables) -> None:
    """Follow the names from KPIs, balances, tripwires and watched metrics down to calendars."""
    parents = {row["metric_id"]: split(row["derived_metric_ids"]) for row in pool["metrics"]}
    found: set[str] = set()
    waiting = [row["metric_id"] for rows in kept.values() for row in rows if row.get("metric_id")]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            # a name that no metric has is told by the rules of the registry
            waiting += parents.get(name, [])
    kept["metrics"] = [row for row in pool["metrics"] if row["metric_id"] in found]
    sides = _values(kept["metrics"], "numerator_measure_id", "denominator_measure_id")
    kept["measures"] = [row for row in pool["measures"] if row["measure_id"] in sides]
    kept["task_types"] = _task_types(pool, kept)
    kept["segments"] = _rows_with(pool, "segments", "segment_type", kept["segmented_metrics"])
    kept["calendars"] = _rows_with(pool, "calendars", "calendar_id", kept["task_types"])
    _add_what_is_owned(pool, kept, "measure_id", _values(kept["measures"], "measure_id"))
    _add_what_is_owned(pool, kept, "calendar_id", _values(kept["calendars"], "calendar_id"))


def _add_what_is_owned(pool: Tables, kept: Tables, column: str, owners: set[str]) -> None:
    for name, owner in OWNED.items():
        if owner == column and name in pool:
            kept[name] = [row for row in pool[name] if row[column] in owners]


def _rows_with(pool: Tables, name: str, column: str, namers: list[Values]) -> list[Values]:
    named = _values(namers, column)
    return [row for row in pool.get(name, []) if row[column] in named]


def _task_types(pool: Tables, kept: Tables) -> list[Values]:
    """Task types that are named, and those whose events the tracking plan has, all of them."""
    planned = _values(kept["tracking_plan"], "event_type")
    named = _values(kept["metrics"], "task_type_id")
    for row in [*kept["measures"], *kept["diagnostics"]]:
        if row["item_kind"] == "task":
            named.add(row["item_type"])
    ends = [column for column in columns("task_types") if column.endswith("_event_type")]
    return [
        row
        for row in pool["task_types"]
        if row["task_type_id"] in named or _values([row], *ends) <= planned
    ]


def _whole_branches(kept: Tables) -> list[Values]:
    """Edges below a parent that is kept with all its children; a sum of some would be no sum."""
    metrics = _values(kept["metrics"], "metric_id")
    broken = {
        (edge["product_id"], edge["parent_metric_id"])
        for edge in kept["tree_edges"]
        if not _values([edge], "parent_metric_id", "child_metric_id") <= metrics
    }
    return [
        edge
        for edge in kept["tree_edges"]
        if (edge["product_id"], edge["parent_metric_id"]) not in broken
    ]


def _settings(pool: Tables, kept: Tables) -> list[Values]:
    """Beside the defaults: which of the metrics need more people before they are shown."""
    metrics = _values(kept["metrics"], "metric_id")
    for row in pool["settings"]:
        if row["setting"] == "suppression_sensitive_metrics":
            named = [name for name in split(row["value"]) if name in metrics]
            return [{**row, "value": ";".join(named)}] if named else []
    return []


def _as_stub(name: str, row: Values) -> Values:
    if name == "problem_statements":
        said = {column: STUB + row[column] for column in ("stakeholder", "insight")}
        return {**row, **said, "last_confirmed_date": ""}
    if name == "goals":
        return {**row, "basis": GOAL_STUB + row["basis"]}
    if name == "products":
        return {**row, "owner_team": OWNER_STUB, "user_count": ""}
    if name == "sources":
        return {**row, "owner_team": OWNER_STUB, "observed_until": ""}
    if name == "kpis":
        said = {column: STUB + row[column] for column in ("decision_it_informs", "question")}
        return {**row, **said, "started_date": ""}
    # how much may be lost, and from where on it is too much, depends on who is there to bear it
    return {**row, "reason": GOAL_STUB + row["reason"]} if name in AGREED else row


def _values(rows: Iterable[Values], *names: str) -> set[str]:
    return {row[name] for row in rows for name in names if row.get(name)}


def _pooled(name: str) -> list[Values]:
    files = (folder / f"{name}.csv" for folder in POOL)
    return [row for file in files if file.is_file() for row in _read(file)]


def _read(path: Path) -> list[Values]:
    (_, header), *records = read_records(path)
    # a short record has blanks at its end
    return [
        dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))
        for _, cells in records
    ]
