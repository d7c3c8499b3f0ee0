"""One number of one period: what it is, how sure, judged by which rule, trusted why, made of what.

`steelyard explain` prints it for a week; the page of recomputed numbers shows the same parts for
the number that stands on a card.
"""

from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

import duckdb

from orchestration.errors import UserError
from orchestration.explain.items import file_lines, file_rows, item_lines, without_addresses
from orchestration.explain.words import CENTRES, CHARTS, METHODS, figure
from orchestration.plurals import counted
from orchestration.publications import last_publication
from orchestration.workspace import Workspace

Values = dict[str, Any]
Parts = dict[str, list[str]]

WEEKS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}

VALUE = """
    select * from marts.fct_metric_values
    where product_id = $product and metric_id = $metric and period_grain = $grain
        and segment_type = 'all' and period_start_date = $first
"""
METRIC = """
    select * from marts.dim_metrics
    left join (
        select metric_id, is_of_people from metrics.int_metric_least_people
    ) using (metric_id)
    where metric_id = $metric
"""
PARENTS = (
    "select derived_metric_ids, derived_operator from registry.metrics where metric_id = $metric"
)
POINT = """
    select * from marts.fct_metric_signals
    where product_id = $product and metric_id = $metric and period_start_date <= $last
    order by period_start_date desc limit 1
"""
SEGMENT = """
    select * from marts.fct_limit_segments
    where product_id = $product and metric_id = $metric and segment_number = $segment
"""
VERDICTS = """
    select * from marts.kpi_scorecard
    where product_id = $product and metric_id = $metric and week_start_date = $judged
"""
BALANCES = """
    select * from marts.fct_balance_states
    where product_id = $product and kpi_id = $kpi and week_start_date = $judged
    order by metric_id
"""
# the metric as what balances another one
BALANCED = """
    select states.*, verdicts.metric_name as lead_name
    from marts.fct_balance_states as states
    join marts.kpi_scorecard as verdicts using (product_id, kpi_id, week_start_date)
    where states.product_id = $product and states.metric_id = $metric
        and states.week_start_date = $judged
    order by states.kpi_id
"""
ALL_DECLARED = "select product_id, metric_id from metrics.int_product_metrics"
DECLARED = f"{ALL_DECLARED} where product_id = $product and metric_id = $metric"
UNSEEN = """
    select event_type, min(source_id) as source_id from metrics.int_metric_lineage
    where product_id = $product and metric_id in (select unnest($metrics))
    group by event_type having sum(event_count) = 0 order by event_type
"""
TRUST = """
    select * from marts.fct_metric_trust
    where product_id = $product and metric_id = $metric
        and week_start_date between $first and $last
    order by grade desc, week_start_date desc limit 1
"""
CHECKS = """
    select checks.* from marts.fct_instrument_checks as checks
    join (
        select distinct source_id from metrics.int_metric_lineage
        where product_id = $product and metric_id in (select unnest($metrics))
    ) as lineage using (source_id)
    where checks.week_start_date between $first and $last and checks.severity > 0
    order by checks.severity desc, checks.check_id, checks.source_id, checks.week_start_date
"""
EXAMPLES = """
    select path, line_number, line_shows from marts.fct_check_examples
    where source_id = $source_id and event_type = $event_type
        and week_start_date = $week_start_date and check_id = $check_id
    order by example_number
"""
FOUND = ("source_id", "event_type", "week_start_date", "check_id")
MOST_EXAMPLES = 4
RULES = {
    1: "a tripwire is crossed, and its metric is trusted",
    2: "the lead is not trusted (C or D)",
    3: "limits not locked, suppressed, or no usable period among the four latest ripe ones",
    4: "the lead improved, a balance is breached",
    5: "the lead improved, a balance is not shown to hold",
    6: "the lead improved, every balance is shown to hold",
    7: "the lead worsened, a balance is breached",
    8: "the lead worsened",
    9: "the lead shows no signal, a balance is breached",
    10: "none of the rows before",
}
SEVERITIES = {1: "warn", 2: "fail", 3: "block"}


def explain(workspace: Workspace, product: str, metric: str, day: date) -> str:
    """Return the lines that tell where one number of the week of `day` comes from.

    Raises `UserError` where nothing is published, or there is no such product, metric or week.
    """
    if last_publication(workspace) is None:
        what = "nothing has been published in this workspace"
        raise UserError(what, "Run `steelyard refresh`.", workspace.home)
    week = day - timedelta(days=day.weekday())
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        number = Number(connection, product, metric, week)
        return "\n".join(number.lines())


class Number:
    """A number with its connection; every part is a list of lines.

    `judged` is the week whose verdict is told: the period's own, unless a later one stands on it.
    Raises `UserError` where there is no such number.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        product: str,
        metric: str,
        first: date,
        grain: str = "week",
        judged: date | None = None,
    ) -> None:
        last = first + timedelta(weeks=WEEKS[grain] - 1)
        self.connection = connection
        self.keys: Values = {"product": product, "metric": metric, "first": first, "last": last}
        self.keys |= {"grain": grain, "judged": judged or last}
        self.metric = self._one(METRIC, "metric")
        self.value = self._one(VALUE, "product", "metric", "grain", "first")
        if not self.value:
            raise self._unknown()

    def lines(self) -> list[str]:
        """The parts one below the other, as they are printed."""
        head = f"{self.metric['metric_name']} of {self.keys['product']}, {self.period()}"
        lines = [head, "=" * len(head)]
        for title, told in self.parts().items():
            lines += ["", title, *told]
        return lines

    def period(self) -> str:
        """The period in words: `week of 2026-11-09`."""
        return f"{self.keys['grain'].replace('_', ' ')} of {self.keys['first']}"

    def lineage(self) -> tuple[Values, list[str]]:
        """What `file_rows` asks for: the number's keys, and the metrics whose events count."""
        return self.keys, self._own()

    def parts(self, files: list[tuple] | None = None) -> Parts:
        """Lines by heading; four blanks where a line belongs to the one above it, else two.

        A part without lines says so. `files` are its `file_rows` where they are known.
        """
        parts = {
            "Definition": self._definition(),
            "Value": self._value(),
            "Chart": self._chart(),
            "Verdict": self._verdicts(),
            "Trust": self._trust(),
        }
        # staff behind items count as people
        is_of_people = bool(self.metric["is_of_people"])
        if self.value["is_suppressed"] or self.value["no_value_reason"] == "withheld":
            parts["Items"] = ["  not told of a number that is not shown"]
        elif is_of_people:
            parts["Items"] = ["  not listed: the metric is about people"]
        else:
            counted = self.keys | {"metric": self._counted()}
            parts["Items"] = item_lines(self.connection, counted, self.metric["kind"]) or [
                "  none: it is computed from other metrics, or from several events at once"
            ]
        if not self.value["is_suppressed"]:
            files = file_rows(self.connection, [self.lineage()])[0] if files is None else files
            parts["Landing files"] = file_lines(files, is_of_people)
        return {title: told or ["  none"] for title, told in parts.items()}

    def _definition(self) -> list[str]:
        metric = self.metric
        told = [
            f"  {metric['definition']}",
            f"  {metric['metric_id']}, version {metric['metric_version']}",
        ]
        kind = metric["kind"] + (f" ({metric['statistic']})" if metric["statistic"] else "")
        told.append(
            f"  {kind}, in {metric['unit']}, {metric['direction']} is better"
            if metric["direction"] in ("up", "down")
            else f"  {kind}, in {metric['unit']}"
        )
        derived = self._one(PARENTS, "metric")
        if derived.get("derived_metric_ids"):
            parents = derived["derived_metric_ids"].replace(";", ", ")
            told.append(f"  {derived['derived_operator']} of {parents}")
        return told

    def _value(self) -> list[str]:
        value = self.value
        if value["value"] is None:
            told = [f"  no value: {str(value['no_value_reason']).replace('_', ' ')}"]
        else:
            told = [f"  {self._amount(value['value'])} {value['unit']}"]
        if value["numerator"] is not None:
            below = "" if value["denominator"] is None else f" / {figure(value['denominator'])}"
            told.append(f"  {figure(value['numerator'])}{below}, n = {value['unit_count']}")
        if value["open_count"]:
            told.append(f"  {value['open_count']} still open")
        if value["ci_low"] is not None:
            high = "no upper end" if value["ci_high"] is None else self._amount(value["ci_high"])
            method = METHODS.get(value["ci_method"], value["ci_method"])
            told.append(f"  95 % interval {self._amount(value['ci_low'])} to {high} ({method})")
        ripe = "ripe" if value["is_ripe"] else "not ripe yet: used in no limit, rule or verdict"
        told.append(f"  {ripe}; trust {value['trust_grade']}; as of {value['as_of_at']}Z")
        return told

    def _chart(self) -> list[str]:
        point = self._one(POINT, "product", "metric", "last")
        if not point:
            return ["  no chart of its own"]
        self.keys["segment"] = point["segment_number"]
        segment = self._one(SEGMENT, "product", "metric", "segment")
        told = [
            f"  {point['period_grain']} from {point['period_start_date']}: {point['limit_state']}"
        ]
        if point["centre"] is not None:
            limits = " to ".join(
                "none" if point[name] is None else self._amount(point[name])
                for name in ("lower_limit", "upper_limit")
            )
            told.append(f"  centre {self._amount(point['centre'])}, limits {limits}")
            if centre := CENTRES.get(point["chart_scale"]):
                told.append(f"    the centre is {centre}")
        if segment.get("chart_method"):
            baseline = f"{segment['baseline_from_date']} to {segment['baseline_to_date']}"
            told.append(
                f"  {CHARTS.get(segment['chart_method'], segment['chart_method'])}"
                f" on the {segment['chart_scale']} scale, segment"
                f" {segment['segment_number']}, from {segment['usable_count']} periods {baseline}"
            )
        told += [f"  {segment[name]}" for name in ("reason", "what_happened") if segment.get(name)]
        rule = point["rule"]
        told.append(f"  rule: {rule} ({point['signal_side']})" if rule else "  no rule fires")
        return told

    def _verdicts(self) -> list[str]:
        told = []
        for row in self._all(VERDICTS, "product", "metric", "judged"):
            number = row["rule_number"]
            told.append(f"  {row['verdict'].replace('_', ' ')}: row {number}, {RULES[number]}")
            told.append(f"  signal {row['signal']}, limits {row['limit_state']}{_usable(row)}")
            self.keys["kpi"] = row["kpi_id"]
            for state in self._all(BALANCES, "product", "kpi", "judged"):
                told.append(f"    {state['metric_id']}: {state['state']} ({_said(state)})")
        for state in self._all(BALANCED, "product", "metric", "judged"):
            told.append(f"  it balances {state['lead_name']}: {state['state']} ({_said(state)})")
        return told or ["  it leads no KPI and balances none"]

    def _trust(self) -> list[str]:
        trust = self._one(TRUST, "product", "metric", "first", "last")
        told = [f"  {trust.get('grade', 'D')}: {trust.get('reason') or 'nothing lowers it'}"]
        if trust.get("repair_hint") and trust.get("grade") in ("C", "D"):
            told.append(f"  {trust['repair_hint']}")
        self.keys["metrics"] = self._own()
        for check in self._all(CHECKS, "product", "metrics", "first", "last"):
            statistic = "" if check["statistic"] is None else f" {figure(check['statistic'])},"
            events = "events of few people" if check["n"] is None else f"n = {check['n']}"
            told.append(
                f"  check {check['check_id']} {check['check_name']}:"
                f" {SEVERITIES[check['severity']]},{statistic} {events}"
                f" ({check['source_id']}, {check['event_type']})"
            )
            told += self._examples(check)
        return told

    def _examples(self, check: Values) -> list[str]:
        """The lines of the landing files that a finding is about, set aside ones included."""
        self.keys |= {name: check[name] for name in FOUND}
        rows = self._all(EXAMPLES, *FOUND)
        shown = [(without_addresses(row["path"]), row) for row in rows[:MOST_EXAMPLES]]
        told = [
            f"    landing/{path}:{row['line_number']}: {row['line_shows']}" for path, row in shown
        ]
        more = len(rows) - MOST_EXAMPLES
        return [*told, f"    and {counted(more, 'further line')}"] if more > 0 else told

    def _amount(self, value: float) -> str:
        """A value in the metric's unit; shares are stored as parts of one."""
        return figure(value * (100 if self.metric["unit"] == "%" else 1))

    def _own(self) -> list[str]:
        """The metric whose lineage counts, with its parents where it is derived."""
        parents = self._one(PARENTS, "metric").get("derived_metric_ids") or ""
        return [self._counted(), *(name.strip() for name in parents.split(";") if name.strip())]

    def _counted(self) -> str:
        return self.metric["companion_of_metric_id"] or self.metric["metric_id"]

    def _one(self, sql: str, *names: str) -> Values:
        return next(iter(self._all(sql, *names)), {})

    def _all(self, sql: str, *names: str) -> list[Values]:
        cursor = self.connection.execute(sql, {name: self.keys[name] for name in names})
        columns = [column[0] for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def _unknown(self) -> UserError:
        product, metric, week = (self.keys[name] for name in ("product", "metric", "first"))
        pairs = self.connection.execute(
            "select distinct product_id, metric_id from marts.fct_metric_values"
        ).fetchall()
        declared = self.connection.execute(ALL_DECLARED).fetchall()
        products = sorted({name for name, _ in [*pairs, *declared]})
        if product not in products:
            near = get_close_matches(product, products, 3) or products
            return UserError(f"there is no product {product!r}", f"Name one of {', '.join(near)}.")
        metrics = sorted(name for owner, name in pairs if owner == product)
        if metric not in metrics and self._one(DECLARED, "product", "metric"):
            return self._unseen()
        if metric not in metrics:
            known = sorted({*metrics, *(name for owner, name in declared if owner == product)})
            near = get_close_matches(metric, known, 3) or known
            what = f"{product!r} has no metric {metric!r}"
            return UserError(what, f"Name one of {', '.join(near)}.")
        what = f"{metric!r} has no week of {week}"
        return UserError(what, "Name a day between its first observation and the last refresh.")

    def _unseen(self) -> UserError:
        """Of a metric that is declared, and of which nothing was observed yet."""
        product, metric = self.keys["product"], self.keys["metric"]
        self.keys["metrics"] = self._own() if self.metric else [metric]
        types = self._all(UNSEEN, "product", "metrics")
        awaited = [f"{row['event_type']} ({row['source_id'] or 'no source'})" for row in types]
        what = f"{metric!r} is declared for {product!r}, but "
        if not awaited:
            return UserError(f"{what}it has no week with a value yet", "Refresh it later.")
        what += f"no event of it has arrived: {', '.join(awaited)}"
        return UserError(what, "Let its sources send, and refresh.")


def _said(state: Values) -> str:
    """The comparison that decided the state, or why there is none."""
    margin = f"margin {state['margin']:g} {state['margin_scale']}"
    if state["difference"] is None:
        return f"{str(state['reason']).replace('_', ' ')}, {margin}"
    ends = ["none" if state[end] is None else figure(state[end]) for end in ("ci_low", "ci_high")]
    method = METHODS.get(state["method"], state["method"] or "no method")
    return (
        f"worsening {figure(state['difference'])}, 90 % interval {' to '.join(ends)}, {margin},"
        f" {method}{_sides(state)}"
    )


def _sides(state: Values) -> str:
    """The windows compared, with n where it is told, and what widened the interval."""
    told = [
        f"{side} {state[f'{side}_from_date']} to {state[f'{side}_to_date']}"
        + ("" if state[f"{side}_n"] is None else f" n = {state[f'{side}_n']:g}")
        for side in ("before", "after")
        if state[f"{side}_from_date"] is not None
    ]
    if state["widening"] is not None:
        told.append(f"widened by {figure(state['widening'])}")
    return "".join(f"; {words}" for words in told)


def _usable(verdict: Values) -> str:
    """What else keeps a lead from being judged."""
    if verdict["is_suppressed"]:
        return ", the latest period is hidden"
    return "" if verdict["has_usable_period"] else ", none of the four latest periods usable"
