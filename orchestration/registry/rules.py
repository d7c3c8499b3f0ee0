"""What the registry's rows must say together: references, keys, and what a KPI needs."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from zoneinfo import ZoneInfo

from orchestration.registry.annotation_rules import check_annotations
from orchestration.registry.dimensions import check_dimensions
from orchestration.registry.impact_rules import check_impact
from orchestration.registry.loss_rules import check_accepted_losses
from orchestration.registry.parameter_rules import check_parameters
from orchestration.registry.tables import Problem, Row, Table, schema
from orchestration.registry.task_rules import check_tasks
from orchestration.registry.tree_rules import check_tree
from orchestration.registry.trust_rules import check_trust_overrides
from orchestration.registry.usage_rules import check_usage

Registry = dict[str, Table]

MOST_KPIS_OF_A_PRODUCT = 3

NEEDED_BY_KIND: dict[str, tuple[str, ...]] = {
    "duration": ("task_type_id", "tau_hours"),
    "proportion": ("numerator_measure_id", "denominator_measure_id"),
    "count_rate": ("numerator_measure_id",),
    "ratio_of_sums": ("numerator_measure_id", "denominator_measure_id"),
    "reliability": ("statistic",),
    "stock": ("numerator_measure_id",),
    "quantile": ("statistic", "numerator_measure_id"),
    "derived": ("derived_operator", "derived_metric_ids"),
}
PARENTS_BY_OPERATOR = {
    "difference": 2,
    "product": 2,
    "ratio": 2,
    "change_against_baseline": 1,
    "budget": 1,
    "budget_left": 1,
    "deadline_projection": 1,
    "complement": 1,
    "scaled": 1,
}
OPERATORS_WITH_CONSTANT = ("budget", "budget_left", "complement", "scaled")
STATISTICS_BY_KIND = {
    "reliability": ("mtbf", "availability"),
    "quantile": ("p50", "p75", "p90", "p95", "p99"),
}
KINDS_WITHOUT_TYPE = ("release", "deployment", "change", "outage", "iteration_item")
KINDS_BY_SEGMENT = ("duration", "proportion", "count_rate", "ratio_of_sums")
AGGREGATES_BY_SEGMENT = ("count", "sum", "distinct_people")
OPERATORS_WITHOUT_VALUE = ("is_true", "is_false", "present")


NUMBERS_AS_SETTINGS = (
    "baseline_weeks",
    "baseline_extension_weeks",
    "rollback_window_days",
    "devops_activity_limit",
    "coverage_minimum",
    "attribution_window_hours",
    "future_tolerance_hours",
    "suppression_k",
    "suppression_k_sensitive",
    "working_days_per_week",
    "memory_limit_gb",
)
WHOLE_NUMBERS_AS_SETTINGS = ("baseline_weeks", "baseline_extension_weeks")
TEXTS_AS_SETTINGS = (
    "reporting_time_zone",
    "suppression_sensitive_metrics",
    "departure_event_type",
    "working_calendar",
    "hash_key",
)


def check_rules(registry: Registry) -> list[Problem]:
    """Everything that is wrong between rows; every cell is good by itself already."""
    problems: list[Problem] = []
    for rule in (
        _keys_are_unique,
        _references_exist,
        _plan_names_sources,
        _event_types_are_planned,
        _settings_are_known_values,
        _measures_are_complete,
        _filters_have_values,
        check_dimensions,
        _metrics_fit_their_kind,
        _derived_metrics_end,
        _segments_are_one_division,
        check_tasks,
        check_usage,
        check_annotations,
        check_trust_overrides,
        check_accepted_losses,
        check_parameters,
        check_tree,
        check_impact,
        _kpis_are_balanced,
    ):
        problems += rule(registry)
    return problems


def split(text: str | None) -> list[str]:
    """The parts of a cell that holds several, separated by `;`."""
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def _keys_are_unique(registry: Registry) -> Iterator[Problem]:
    for name, table in registry.items():
        key = schema(name)["primaryKey"]
        first: dict[tuple, int] = {}
        for row in table.rows if key else ():
            values = tuple(row.values[column] for column in key)
            if values in first:
                said = ", ".join(str(value) for value in values)
                what = f"{said!r} stands in line {first[values]} already; each may stand once"
                yield row.problem(", ".join(key), what)
            first.setdefault(values, row.line)


def _known(registry: Registry, name: str, column: str) -> set[str]:
    return {row.values[column] for row in registry[name].rows}


def _unknown(row: Row, column: str, value: str, target: str, known: set[str]) -> Problem:
    near = ", ".join(sorted(known)[:12]) + (" ..." if len(known) > 12 else "")
    return row.problem(column, f"{value!r} is not in {target}.csv; allowed: {near or 'none yet'}")


def _references_exist(registry: Registry) -> Iterator[Problem]:
    into_nothing: dict[str, list[Problem]] = defaultdict(list)
    for name, table in registry.items():
        for key in schema(name).get("foreignKeys", []):
            (column,), target = key["fields"], key["reference"]["resource"]
            known = _known(registry, target, key["reference"]["fields"][0])
            for row in table.rows:
                value = row.values[column]
                if value is not None and value not in known:
                    found = _unknown(row, column, value, target, known)
                    if known:
                        yield found
                    else:
                        into_nothing[target].append(found)
    for target, problems in into_nothing.items():
        yield from problems if len(problems) == 1 else [_empty(target, problems)]


def _empty(target: str, problems: list[Problem]) -> Problem:
    """One problem for a file that was lost, not one for each cell that needs a row of it."""
    files = sorted({problem.file for problem in problems})
    what = (
        f"is missing or has no rows; {len(problems)} cells of {', '.join(files)} name some, the "
        f"first in line {problems[0].line} of {problems[0].file}"
    )
    return Problem(f"{target}.csv", 1, "file", what)


def _plan_names_sources(registry: Registry) -> Iterator[Problem]:
    known = _known(registry, "sources", "source_id")
    for row in registry["tracking_plan"].rows:
        named = row.values["source_id"]
        is_prefix = named.endswith("*")
        found = any(s.startswith(named[:-1]) for s in known) if is_prefix else named in known
        if not found:
            yield _unknown(row, "source_id", named, "sources", known)


def _event_types_are_planned(registry: Registry) -> Iterator[Problem]:
    planned = _known(registry, "tracking_plan", "event_type")
    tasks = _known(registry, "task_types", "task_type_id")

    def missing(row: Row, column: str) -> Iterator[Problem]:
        value = row.values[column]
        if value and not any(fnmatchcase(value, pattern) for pattern in planned):
            yield _unknown(row, column, value, "tracking_plan", planned)

    for row in registry["task_types"].rows:
        for column in ("start", "finish", "cancel", "reopen", "pause", "resume"):
            yield from missing(row, f"{column}_event_type")
    for row in registry["measures"].rows:
        yield from missing(row, "followed_by_event_type")
        kind, item_type = row.values["item_kind"], row.values["item_type"]
        if kind == "event" and item_type:
            yield from missing(row, "item_type")
        elif kind == "session":
            for part in split(item_type):
                if not any(fnmatchcase(part, pattern) for pattern in planned):
                    yield _unknown(row, "item_type", part, "tracking_plan", planned)
        elif kind == "task" and item_type and item_type not in tasks:
            yield _unknown(row, "item_type", item_type, "task_types", tasks)


def _settings_are_known_values(registry: Registry) -> Iterator[Problem]:
    known = {*NUMBERS_AS_SETTINGS, *TEXTS_AS_SETTINGS}
    calendars = {row.values["calendar_id"] for row in registry["calendars"].rows}
    for row in registry["settings"].rows:
        name, value = row.values["setting"], row.values["value"]
        if name not in known:
            what = f"{name!r} is no setting; allowed: {', '.join(sorted(known - {'hash_key'}))}"
            yield row.problem("setting", what)
        elif name in NUMBERS_AS_SETTINGS and not _is_amount(value):
            yield row.problem("value", f"{value!r} is not allowed; allowed: a number, 0 or more")
        elif name in WHOLE_NUMBERS_AS_SETTINGS and not value.isdecimal():
            yield row.problem("value", f"{value!r} is not allowed; allowed: a whole number")
        elif name == "reporting_time_zone":
            yield from _zone_problems(row, value)
        elif name == "working_calendar" and value not in calendars:
            allowed = f"allowed: {', '.join(sorted(calendars)) or 'none, calendars.csv is empty'}"
            yield row.problem("value", f"{value!r} is no calendar; {allowed}")


def _is_amount(text: str) -> bool:
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False


def _zone_problems(row: Row, zone: str) -> Iterator[Problem]:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        yield row.problem("value", f"{zone!r} is no time zone; allowed: Europe/Berlin, UTC ...")


def _measures_are_complete(registry: Registry) -> Iterator[Problem]:
    for row in registry["measures"].rows:
        value = row.values
        kind, item_type, aggregate = value["item_kind"], value["item_type"], value["aggregate"]
        if kind in KINDS_WITHOUT_TYPE and item_type:
            yield row.problem(
                "item_type", f"{item_type!r} is not allowed; leave it blank for {kind}"
            )
        if kind not in KINDS_WITHOUT_TYPE and not item_type:
            need = "a task type" if kind == "task" else "an event type"
            yield row.problem("item_type", f"is blank; an item of kind {kind} needs {need}")
        if aggregate == "sum" and not value["quantity"]:
            yield row.problem("quantity", "is blank; a sum needs what it sums")
        if aggregate == "open_at_period_end" and kind != "task":
            yield row.problem("aggregate", f"open_at_period_end needs tasks; the items are {kind}")
        if aggregate == "distinct_actors" and value["unit_key"] != "actor":
            yield row.problem("unit_key", "is not 'actor'; the aggregate distinct_actors needs it")
        if aggregate == "count_followers" and value["followed_within_hours"] is None:
            yield row.problem("followed_within_hours", "is blank; count_followers needs it")
        if value["followed_by_event_type"] and not value["followed_match"]:
            yield row.problem("followed_match", "is blank; followed_by_event_type needs it")
        if value["followed_within_hours"] is not None and not value["followed_by_event_type"]:
            yield row.problem("followed_by_event_type", "is blank; followed_within_hours needs it")


def _filters_have_values(registry: Registry) -> Iterator[Problem]:
    aged: set[str] = set()
    for row in registry["measure_filters"].rows:
        measure = row.values["measure_id"]
        if row.values["dimension"] == "age_at_period_end_hours":
            if measure in aged:
                what = f"{measure!r} has an age already; allowed: one for each measure"
                yield row.problem("dimension", what)
            aged.add(measure)
        operator, value = row.values["operator"], row.values["value"]
        if operator in OPERATORS_WITHOUT_VALUE and value:
            yield row.problem(
                "value", f"{value!r} is not allowed; {operator} compares with nothing"
            )
        if operator not in OPERATORS_WITHOUT_VALUE and not value:
            yield row.problem("value", f"is blank; the operator {operator} needs one")


def _metrics_fit_their_kind(registry: Registry) -> Iterator[Problem]:
    metrics = _known(registry, "metrics", "metric_id")
    measures = {row.values["measure_id"]: row.values for row in registry["measures"].rows}
    for row in registry["metrics"].rows:
        kind, statistic = row.values["kind"], row.values["statistic"]
        for column in () if row.values["custom_model"] else NEEDED_BY_KIND[kind]:
            if row.values[column] is None:
                needed = ", ".join(NEEDED_BY_KIND[kind])
                yield row.problem(column, f"is blank; a metric of kind {kind} needs {needed}")
        allowed = STATISTICS_BY_KIND.get(kind)
        if statistic and allowed and statistic not in allowed:
            what = f"{statistic!r} is not allowed for {kind}; allowed: {', '.join(allowed)}"
            yield row.problem("statistic", what)
        measure = measures.get(row.values["numerator_measure_id"])
        if kind == "quantile" and measure and measure["aggregate"] != "sum":
            what = f"{measure['measure_id']!r} has no quantity; a quantile needs the aggregate sum"
            yield row.problem("numerator_measure_id", what)
        for parent in split(row.values["derived_metric_ids"]):
            if parent not in metrics:
                yield _unknown(row, "derived_metric_ids", parent, "metrics", metrics)
        if kind == "derived" and row.values["derived_operator"]:
            yield from _operator_problems(row)


def _operator_problems(row: Row) -> Iterator[Problem]:
    operator, parents = row.values["derived_operator"], split(row.values["derived_metric_ids"])
    needed = PARENTS_BY_OPERATOR[operator]
    if parents and len(parents) != needed:
        what = f"names {len(parents)} metrics; {operator} is made of {needed}"
        yield row.problem("derived_metric_ids", what)
    if operator in OPERATORS_WITH_CONSTANT and row.values["derived_constant"] is None:
        yield row.problem("derived_constant", f"is blank; {operator} needs a number")


def _derived_metrics_end(registry: Registry) -> Iterator[Problem]:
    rows = {row.values["metric_id"]: row for row in registry["metrics"].rows}
    parents = {name: split(row.values["derived_metric_ids"]) for name, row in rows.items()}
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        cycle = error.args[1]
        said = " -> ".join(reversed(cycle))
        yield rows[cycle[0]].problem("derived_metric_ids", f"go in a circle: {said}")


def _segments_are_one_division(registry: Registry) -> Iterator[Problem]:
    """Two divisions of the same counts could be subtracted from each other."""
    metrics = {row.values["metric_id"]: row.values for row in registry["metrics"].rows}
    aggregates = {
        row.values["measure_id"]: row.values["aggregate"] for row in registry["measures"].rows
    }
    divided: dict[tuple[str, str], str] = {}
    for row in registry["segmented_metrics"].rows:
        product, name = row.values["product_id"], row.values["metric_id"]
        metric = metrics.get(name)
        if metric is None:
            continue
        if metric["kind"] not in KINDS_BY_SEGMENT:
            what = f"{name!r} is a {metric['kind']}; allowed: {', '.join(KINDS_BY_SEGMENT)}"
            yield row.problem("metric_id", what)
        for column in ("numerator_measure_id", "denominator_measure_id", "task_type_id"):
            basis = metric[column]
            if basis is None:
                continue
            if aggregates.get(basis, "count") not in AGGREGATES_BY_SEGMENT:
                allowed = ", ".join(AGGREGATES_BY_SEGMENT)
                what = f"{name!r} counts {basis!r} as {aggregates[basis]}; allowed: {allowed}"
                yield row.problem("metric_id", what)
            other = divided.setdefault((product, basis), name)
            if other != name:
                what = f"{name!r} rests on {basis!r}, which {other!r} divides already"
                yield row.problem("metric_id", what)


def _kpis_are_balanced(registry: Registry) -> Iterator[Problem]:
    balanced: dict[str, list[Row]] = defaultdict(list)
    for row in registry["balances"].rows:
        balanced[row.values["kpi_id"]].append(row)
    tripped = Counter(row.values["kpi_id"] for row in registry["tripwires"].rows)
    products = {
        row.values["problem_statement_id"]: row.values["product_id"]
        for row in registry["problem_statements"].rows
    }
    counts: Counter[str] = Counter()
    for row in registry["kpis"].rows:
        kpi, product, statement = (
            row.values[column] for column in ("kpi_id", "product_id", "problem_statement_id")
        )
        counts[product] += 1
        if kpi not in balanced:
            yield row.problem("kpi_id", f"{kpi!r} has no balancing metric; add one to balances.csv")
        if not tripped[kpi]:
            yield row.problem("kpi_id", f"{kpi!r} has no tripwire; add one to tripwires.csv")
        if products.get(statement, product) != product:
            what = f"{statement!r} is a problem of {products[statement]!r}, not of {product!r}"
            yield row.problem("problem_statement_id", what)
        for balance in balanced[kpi]:
            if balance.values["metric_id"] == row.values["metric_id"]:
                yield balance.problem("metric_id", f"is the KPI {kpi!r} itself; allowed: another")
        if counts[product] > MOST_KPIS_OF_A_PRODUCT:
            what = f"{product!r} has {counts[product]} KPIs; allowed: 1 to {MOST_KPIS_OF_A_PRODUCT}"
            yield row.problem("product_id", what)
