"""docs/metrics.md: every metric of the sample organisation in words, from its registry."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

from orchestration.registry.tables import read_records, schema

Rows = list[dict[str, str]]

HEAD = """\
# Metrics

All metrics of the sample organisation, under the product that shows each first. They are rows of
`seeds/sample`, and a workspace has those that its own registry declares. Balanced by: what must not
get worse while the number improves. Catalogue: entries that the metric implements, listed
under [Catalogue](#catalogue).
Generated from the registry: change that, then run `make docs`.
"""

KINDS = {
    "duration": "mean time, open and cancelled ones counted up to the limit",
    "proportion": "share",
    "count_rate": "rate",
    "ratio_of_sums": "ratio of sums",
    "reliability": "reliability",
    "stock": "level at the end of the period",
    "quantile": "quantile",
    "derived": "derived",
}
DIRECTIONS = {
    "up": "more is better",
    "down": "less is better",
    "band": "neither too much nor too little",
    "none": "no better or worse",
}
PERIODS = {
    "week": "week",
    "fortnight": "fortnight",
    "four_weeks": "four weeks",
    "thirteen_weeks": "thirteen weeks",
}
STATISTICS = {"mtbf": "mean time between failures", "availability": "share of time in operation"}
DERIVED = {
    "difference": "{0} less {1}",
    "product": "{0} times {1}",
    "ratio": "{0} by {1}",
    "change_against_baseline": "change of {0} against its first weeks",
    "budget": "use of the budget that {0} leaves",
    "deadline_projection": "when {0} reaches its goal, by its present rate",
    "complement": "{constant} less {0}",
    "scaled": "{constant} times {0}",
}
SAID = {
    "metric_id", "metric_name", "kind", "statistic", "unit", "direction", "task_type_id",
    "tau_hours", "numerator_measure_id", "denominator_measure_id", "derived_operator",
    "derived_metric_ids", "derived_constant", "natural_period", "subject_kind",
    "indicator_kind", "catalogue_ids", "definition", "metric_version", "custom_model",
    "custom_parameter", "clock", "subjects_are_people",
}  # fmt: skip
"""Columns that have words of their own; any other that is filled is told by its title."""


def metric_page(seeds: Path) -> str:
    """The page as Markdown; `seeds` holds the folders sample and reference."""
    page = _Page(seeds)
    sections = [page.product_section(product) for product in page.products if page.has_any(product)]
    return (
        "\n".join([HEAD, *page.index(), *sections, *page.catalogue(), "", *page.by_name()]) + "\n"
    )


class _Page:
    def __init__(self, seeds: Path) -> None:
        def rows(name: str) -> Rows:
            return _read(seeds / "sample" / f"{name}.csv")

        self.products = rows("products")
        self.metrics = {row["metric_id"]: row for row in rows("metrics")}
        self.measures = {row["measure_id"]: row["description"] for row in rows("measures")}
        self.task_types = {row["task_type_id"]: row for row in rows("task_types")}
        self.diagnostics = rows("diagnostics")
        self.entries = _read(seeds / "reference" / "catalogue.csv")
        self.titles = {field["name"]: field["title"] for field in schema("metrics")["fields"]}
        kpis = {row["kpi_id"]: row for row in rows("kpis")}
        self.leads = {(kpi["product_id"], kpi["metric_id"]) for kpi in kpis.values()}
        self.balanced: dict[str, list[str]] = defaultdict(list)
        self.tripped: dict[str, list[str]] = defaultdict(list)
        self.balances: dict[str, list[str]] = defaultdict(list)
        shown: dict[str, list[str]] = defaultdict(list)
        for row in [*kpis.values(), *rows("watched_metrics")]:
            shown[row["metric_id"]].append(row["product_id"])
        for guard, told in (("balances", self.balanced), ("tripwires", self.tripped)):
            for row in rows(guard):
                kpi = kpis[row["kpi_id"]]
                told[kpi["metric_id"]].append(row["metric_id"])
                self.balances[row["metric_id"]].append(kpi["metric_id"])
                shown[row["metric_id"]].append(kpi["product_id"])
        for metric in self.metrics.values():
            for parent in _parts(metric["derived_metric_ids"]):
                shown[parent] += shown[metric["metric_id"]]
        order = [product["product_id"] for product in self.products]
        self.shown = {
            metric: sorted(set(products), key=order.index) for metric, products in shown.items()
        }

    def has_any(self, product: dict[str, str]) -> bool:
        return bool(self._metrics_of(product) or self._diagnostics_of(product))

    def index(self) -> list[str]:
        """Products with their number of metrics; each section begins with its list."""
        shown = [product for product in self.products if self.has_any(product)]
        lines = ["| Product | Metrics |", "|---|---|"]
        for product in shown:
            name = product["product_name"]
            lines.append(f"| [{name}](#{_anchor(name)}) | {len(self._metrics_of(product))} |")
        lines += ["", f"All {len(self.metrics)} metrics by name: [Index](#index).", ""]
        return lines

    def by_name(self) -> Iterable[str]:
        """All metrics in the alphabet's order, under their first letter, with their product."""
        letters: dict[str, list[str]] = defaultdict(list)
        owner = {
            row["metric_id"]: product["product_name"]
            for product in self.products
            for row in self._metrics_of(product)
        }
        for row in sorted(self.metrics.values(), key=lambda row: row["metric_name"].lower()):
            first = row["metric_name"][0].upper()
            metric_id = row["metric_id"]
            owned = f" ({owner[metric_id]})" if metric_id in owner else ""
            letters[first if first.isalpha() else "0-9"].append(f"- {self._link(metric_id)}{owned}")
        yield "## Index\n"
        for letter, lines in sorted(letters.items()):
            yield f"**{letter}**\n"
            yield from [*lines, ""]

    def product_section(self, product: dict[str, str]) -> str:
        rows = self._metrics_of(product)
        lines = [f"## {product['product_name']}", ""]
        links = sorted((self._link(row["metric_id"]) for row in rows), key=str.lower)
        if len(rows) > 1:
            lines += [f"<details><summary>{len(rows)} metrics</summary>", ""]
            lines += [*(f"- {link}" for link in links), "", "</details>", ""]
        lines += [self._metric(row, product["product_id"]) for row in rows]
        diagnostics = self._diagnostics_of(product)
        if diagnostics:
            lines += ["Pareto tables:", "", *map(_diagnostic, diagnostics), ""]
        return "\n".join(lines)

    def catalogue(self) -> Iterable[str]:
        named: dict[str, list[str]] = defaultdict(list)
        for row in self.metrics.values():
            for entry in _parts(row["catalogue_ids"]):
                named[entry].append(self._link(row["metric_id"]))
        for row in self.diagnostics:
            for entry in _parts(row["catalogue_ids"]):
                named[entry].append(f"{row['diagnostic_name']} (Pareto table)")
        divided = {row["catalogue_id"] for row in self.entries if row["part"]}
        yield "## Catalogue\n"
        yield "What is declared; `steelyard coverage` tells what the data have a value for.\n"
        yield "| Entry | What | Metrics, or why there is none |"
        yield "|---|---|---|"
        for row in self.entries:
            entry = row["catalogue_id"] + row["part"]
            told = named[entry]
            if row["alias_of"]:
                told = ["as " + row["alias_of"].replace(";", " and "), *told]
            without = "none yet"
            if row["catalogue_id"] in divided and not row["part"]:
                without = "its parts:"
            what = ", ".join(told) or row["not_computed_reason"] or without
            yield f"| {entry} | {row['name']} | {what} |"

    def _metrics_of(self, product: dict[str, str]) -> Rows:
        return [
            row
            for row in self.metrics.values()
            if self.shown.get(row["metric_id"], [""])[0] == product["product_id"]
        ]

    def _diagnostics_of(self, product: dict[str, str]) -> Rows:
        return [row for row in self.diagnostics if row["product_id"] == product["product_id"]]

    def _metric(self, row: dict[str, str], product_id: str) -> str:
        metric_id = row["metric_id"]
        role = "KPI" if (product_id, metric_id) in self.leads else row["indicator_kind"]
        facts = [
            f"{row['unit']}, {DIRECTIONS[row['direction']]}",
            f"by {PERIODS[row['natural_period']]}",
            role,
            f"`{metric_id}` version {row['metric_version']}",
        ]
        lines = [f"### {row['metric_name']}", "", _sentence(row["definition"]), ""]
        lines += [f"- {_capital(self._computation(row))}", f"- {_capital('; '.join(facts))}"]
        lines += [f"- {line}" for line in self._relations(row, product_id)]
        return "\n".join(lines) + "\n"

    def _computation(self, row: dict[str, str]) -> str:
        """Kind, and numerator and denominator in words."""
        if row["custom_model"]:
            parameter = row["custom_parameter"]
            return f"a {KINDS[row['kind']]} of the model `{row['custom_model']}`" + (
                f" with `{parameter}`" if parameter else ""
            )
        if row["kind"] == "duration":
            return self._clock(row)
        if row["kind"] == "derived":
            parents = [self._link(parent) for parent in _parts(row["derived_metric_ids"])]
            words = DERIVED.get(row["derived_operator"], row["derived_operator"] + " of {0}")
            return f"derived: {words.format(*parents, constant=row['derived_constant'])}"
        numerator = self._measure(row["numerator_measure_id"])
        statistic = STATISTICS.get(row["statistic"], row["statistic"])
        head = f"{KINDS[row['kind']]}{f' ({statistic})' if statistic else ''}: {numerator}"
        if row["denominator_measure_id"]:
            return f"{head} / {self._measure(row['denominator_measure_id'])}"
        return head + (" / periods" if row["kind"] == "count_rate" else "")

    def _clock(self, row: dict[str, str]) -> str:
        task = self.task_types[row["task_type_id"]]
        start, finish = (_end(task, name) for name in ("start", "finish"))
        ends = f"from {start} to {finish}"
        if task["cancel_event_type"]:
            ends += f", cancelled by `{task['cancel_event_type']}`"
        hours = "working hours" if row["clock"] == "working" else "hours"
        limit = f"{float(row['tau_hours']):g} {hours}"
        return f"{KINDS['duration']} of {limit}: {task['task_name'].lower()}, {ends}"

    def _relations(self, row: dict[str, str], product_id: str) -> Iterable[str]:
        for words, told in (
            ("Balanced by", self.balanced),
            ("Tripwires", self.tripped),
            ("Guards", self.balances),
        ):
            names = sorted(set(told[row["metric_id"]]))
            if names:
                yield f"{words}: {', '.join(map(self._link, names))}"
        others = [other for other in self.shown[row["metric_id"]] if other != product_id]
        if others:
            yield f"Also for: {', '.join(others)}"
        if row["subject_kind"] == "person":
            yield "About people: hidden where too few stand behind it"
        if row.get("subjects_are_people") == "true":
            yield "Counts records of people: hidden where they are too few"
        if row["catalogue_ids"]:
            yield f"Catalogue: {', '.join(_parts(row['catalogue_ids']))}"
        for column in sorted(set(row) - SAID):
            if row[column]:
                yield f"{self.titles.get(column, column)}: {row[column]}"

    def _measure(self, measure_id: str) -> str:
        return _lower(self.measures.get(measure_id, measure_id))

    def _link(self, metric_id: str) -> str:
        name = self.metrics[metric_id]["metric_name"]
        return f"[{name}](#{_anchor(name)})"


def _end(task: dict[str, str], end: str) -> str:
    """Event type that starts or finishes a task, with its condition."""
    event, named = f"`{task[f'{end}_event_type']}`", task[f"{end}_property"]
    return f"{event} with {named} {task[f'{end}_value']}" if named else event


def _diagnostic(row: dict[str, str]) -> str:
    days = row["trailing_days"] or "91"
    what = f"sum of {row['quantity']}" if row["quantity"] else "number"
    entries = "; catalogue: " + ", ".join(_parts(row["catalogue_ids"]))
    return (
        f"- {row['diagnostic_name']}: {what} of `{row['item_type']}` by {row['dimension']}"
        f" in {days} days{entries if row['catalogue_ids'] else ''}"
    )


def _read(path: Path) -> Rows:
    (_, header), *body = read_records(path)
    # a cell that is left out at the end of a record is blank
    return [dict(zip_longest(header, cells, fillvalue="")) for _, cells in body]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _anchor(name: str) -> str:
    """The fragment that Markdown renderers give a heading."""
    kept = (c for c in name.lower().replace(" ", "-") if c.isalnum() or c in "-_")
    return "".join(kept)


def _lower(text: str) -> str:
    """With a small first letter, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return text.rstrip(".") + "."
