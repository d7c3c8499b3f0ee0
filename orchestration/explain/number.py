"""One number of one period: what it is, how sure, judged by which rule, trusted why, made of what.

`steelyard explain` prints it for a week; the page of recomputed numbers shows the same parts for
the number that stands on a card.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb

from orchestration.addresses import without_addresses
from orchestration.defs.judge.norms import WITHOUT_END, norm_of
from orchestration.defs.judge.trust_reasons import told_figures
from orchestration.explain import queries
from orchestration.explain.items import Items, file_lines, file_rows, item_lines
from orchestration.explain.unknown import unknown
from orchestration.explain.words import CENTRES, CHARTS, METHODS, figure
from orchestration.plurals import counted

Values = dict[str, Any]
Parts = dict[str, list[str]]

WEEKS = {"week": 1, "fortnight": 2, "four_weeks": 4, "thirteen_weeks": 13}

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
NOT_NOW = "  not told while the warehouse is in use"
SEVERITIES = {1: "warns", 2: "fails", 3: "blocks"}


class Number:
    """A number with its connection; every part is a list of lines.

    `judged` is the week whose verdict is told: the period's own, unless a later one stands on it.
    `untold` says why what only the warehouse holds is not told; blank where it is connected.
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
        untold: str = "",
    ) -> None:
        last = first + timedelta(weeks=WEEKS[grain] - 1)
        self.connection, self.untold = connection, untold
        self.cited: set[str] = set()
        self.keys: Values = {"product": product, "metric": metric, "first": first, "last": last}
        self.keys |= {"grain": grain, "judged": judged or last}
        self.metric = self._one(queries.METRIC, "metric")
        self.value = self._one(queries.VALUE, "product", "metric", "grain", "first")
        if not self.value:
            raise unknown(connection, self.keys, self.own() if self.metric else [metric])

    def lines(self, ahead: Sequence[str] = ()) -> list[str]:
        """The parts one below the other, as they are printed, after what isn't in them yet."""
        head = f"{self.metric['metric_name']} of {self.keys['product']}, {self.period()}"
        lines = [head, "=" * len(head)]
        if self.untold:
            lines += ["", "From what is published", f"  {self.untold}"]
        if ahead:
            lines += ["", "Not in these figures yet", *ahead]
        for title, told in self.parts().items():
            lines += ["", title, *told]
        return lines

    def period(self) -> str:
        """The period in words: `week of 2026-11-09`."""
        return f"{self.keys['grain'].replace('_', ' ')} of {self.keys['first']}"

    def lineage(self) -> tuple[Values, list[str]]:
        """What `file_rows` asks for: the number's keys, and the metrics whose events count."""
        return self.keys, self.own()

    def counted(self) -> Values:
        """What `counted_items` asks for: the keys of the metric whose items are counted."""
        return self.keys | {"metric": self._counted()}

    def parts(self, files: list[tuple] | None = None, items: Items | None = None) -> Parts:
        """Lines by heading; four blanks where a line belongs to the one above it, else two.

        A part without lines says so. `files` and `items` are its `file_rows` and `counted_items`
        where they are known.
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
        elif self.untold:
            parts["Items"] = [NOT_NOW]
        elif is_of_people:
            parts["Items"] = ["  not listed: the metric is about people"]
        else:
            parts["Items"] = item_lines(
                self.connection, self.counted(), self.metric["kind"], items
            ) or ["  none: it is computed from other metrics, or from several events at once"]
        if self.untold:
            parts["Landing files"] = [NOT_NOW]
        elif not self.value["is_suppressed"]:
            files = file_rows(self.connection, [self.lineage()])[0] if files is None else files
            parts["Landing files"] = file_lines(files, is_of_people) + self._cited_only(files)
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
        derived = self._one(queries.PARENTS, "metric")
        if derived.get("derived_metric_ids"):
            parents = derived["derived_metric_ids"].replace(";", ", ")
            told.append(f"  {derived['derived_operator']} of {parents}")
        return told

    def _value(self) -> list[str]:
        value = self.value
        if value["value"] is None:
            told = [f"  no value: {str(value['no_value_reason'] or 'none').replace('_', ' ')}"]
            told += self._last_trusted()
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
        if value["value"] is not None:
            told += self._last_trusted()
        ripe = "ripe" if value["is_ripe"] else f"{self._not_ripe()}: used in no limit or rule"
        if not value["is_ripe"]:
            # a week that is over and lost costs the verdict before it is complete
            ripe += ", but its trust costs the verdict" if value["is_due"] else ", nor in a verdict"
        told.append(f"  {ripe}; trust {value['trust_grade']}; as of {value['as_of_at']}Z")
        return told

    def _last_trusted(self) -> list[str]:
        """The last value that could be used, with its date, where this one can't."""
        value = self.value
        if value["trust_grade"] not in ("C", "D") or value["is_suppressed"]:
            return []
        if value["last_trusted_value"] is None:
            return ["  last trusted: none before it"]
        since = (
            f"{self.keys['grain'].replace('_', ' ')} of {value['last_trusted_period_start_date']}"
        )
        return [
            f"  last trusted: {self._amount(value['last_trusted_value'])} {value['unit']}, {since}"
        ]

    def _not_ripe(self) -> str:
        """That the period isn't complete, and until when its sources must have sent."""
        self.keys["metrics"] = self.own()
        at = self._one(queries.RIPE_AT, "product", "metrics", "first", "last").get("ripe_at")
        return (
            f"not ripe until its sources have sent up to {at:%Y-%m-%d %H:%M}Z"
            if at
            else "not ripe yet"
        )

    def _chart(self) -> list[str]:
        point = self._one(queries.POINT, "product", "metric", "last")
        if not point:
            return ["  no chart of its own"]
        self.keys["segment"] = point["segment_number"]
        segment = self._one(queries.SEGMENT, "product", "metric", "segment")
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
        return [*told, self._rule(point)]

    def _rule(self, point: Values) -> str:
        """Which rule fires at the latest point, or why none looked at the period."""
        value, rule = self.value, point["rule"]
        fires = f"rule: {rule} ({point['signal_side']})" if rule else "no rule fires"
        length = timedelta(weeks=WEEKS.get(point["period_grain"], 1))
        if point["period_start_date"] + length <= self.keys["first"]:
            return f"  {fires} there; this period has no point on the chart"
        if value["no_value_reason"] == "withheld":
            return "  no rule looked at this period, for its number is withheld"
        if value["trust_grade"] in ("C", "D"):
            return f"  no rule looked at this period, for its trust is {value['trust_grade']}"
        if not value["is_ripe"]:
            return "  no rule looked at this period, for it isn't ripe"
        return f"  {fires}"

    def _verdicts(self) -> list[str]:
        told = []
        for row in self._all(queries.VERDICTS, "product", "metric", "judged"):
            number = row["rule_number"]
            told.append(f"  {row['verdict'].replace('_', ' ')}: row {number}, {RULES[number]}")
            of = ", from periods that could be used" if number == 2 else ""
            told.append(f"  signal {row['signal']}{of}, limits {row['limit_state']}{_usable(row)}")
            self.keys["kpi"] = row["kpi_id"]
            for state in self._all(queries.BALANCES, "product", "kpi", "judged"):
                told.append(f"    {state['metric_id']}: {state['state']} ({_said(state)})")
        for state in self._all(queries.BALANCED, "product", "metric", "judged"):
            told.append(f"  it balances {state['lead_name']}: {state['state']} ({_said(state)})")
        for row in self._all(queries.TRIPWIRES, "product", "metric", "judged"):
            told.append(f"  tripwire {row['tripwire_id']}: {row['state'].replace('_', ' ')}")
        return told or ["  it leads no KPI, balances none and has no tripwire"]

    def _trust(self) -> list[str]:
        trust = self._one(queries.TRUST, "product", "metric", "first", "last")
        told = [f"  {trust.get('grade', 'D')}: {trust.get('reason') or 'nothing lowers it'}"]
        if trust.get("grade") in ("C", "D"):
            told += self._repair(trust)
        self.keys["metrics"] = self.own()
        for check in self._all(queries.CHECKS, "product", "metrics", "first", "last"):
            about = "all types" if check["event_type"] == "*" else check["event_type"]
            seen = f" {check['finding']}:" if check.get("finding") else ""
            told.append(
                f"  check {check['check_id']} {check['check_name']} {SEVERITIES[check['severity']]}"
                f" ({check['source_id']}, {about}):{seen}"
                f" {told_figures(check) or 'its figures would count few people'}"
            )
            told += self._examples(check)
        return told

    def _repair(self, trust: Values) -> list[str]:
        """What is to mend, or since when it is over, and what remains for the period."""
        self.keys["as_of"] = self.value["as_of_at"]
        again = self._one(queries.SOUND_AGAIN, "product", "metric", "last", "as_of")
        norm = self._norm(trust)
        sound = (
            f"the week of {again['week_start_date']} has grade {again['grade']}" if again else ""
        )
        doubt = norm or (self._unjudged(trust) if again else "")
        steps = {
            "over": sound if not doubt else None,
            "not known to be over": f"{doubt} ({sound})" if doubt and sound else doubt,
            "to mend": trust.get("repair_hint") if doubt or not again else None,
            "for this period": trust.get("catch_up_hint"),
        }
        return [f"    {what}: {words}" for what, words in steps.items() if words]

    def _norm(self, trust: Values) -> str:
        """That what lowered the period was taken for a norm since; blank where it wasn't."""
        if trust.get("check_id") is None or trust.get("source_id") is None:
            return ""
        self.keys |= {"source_id": trust["source_id"], "check_id": trust["check_id"]}
        of_types: dict[str, list[Values]] = {}
        for row in self._all(queries.RESULTS, "source_id", "check_id"):
            of_types.setdefault(row["event_type"], []).append(row)
        norms = [norm_of(rows) for rows in of_types.values()]
        week = trust["week_start_date"]
        told = next((norm.words() for norm in norms if norm and norm.has(week)), "")
        return told[:1].lower() + told[1:].removesuffix(".")

    def _unjudged(self, trust: Values) -> str:
        """That no later week can be judged yet by what lowered the period: tasks take time."""
        if trust.get("check_id") != WITHOUT_END:
            return ""
        self.keys |= {"source_id": trust["source_id"], "check_id": trust["check_id"]}
        judged = self._all(queries.RESULTS, "source_id", "check_id")
        week = trust["week_start_date"]
        of = {r["event_type"] for r in judged if r["week_start_date"] == week and r["severity"]}
        is_since = any(r["week_start_date"] > week and r["event_type"] in of for r in judged)
        return "" if is_since or not of else f"check {WITHOUT_END} can't judge any later week yet"

    def _examples(self, check: Values) -> list[str]:
        """The lines of the landing files that a finding is about, set aside ones included."""
        self.keys |= {name: check[name] for name in FOUND}
        rows = self._all(queries.EXAMPLES, *FOUND)
        self.cited |= {row["path"] for row in rows}
        shown = [(without_addresses(row["path"]), row) for row in rows[:MOST_EXAMPLES]]
        told = [
            f"    landing/{path}:{row['line_number']}: {row['line_shows']}" for path, row in shown
        ]
        more = len(rows) - MOST_EXAMPLES
        return [*told, f"    and {counted(more, 'further line')}"] if more > 0 else told

    def _cited_only(self, files: list[tuple]) -> list[str]:
        """The files of whose lines the checks tell, while no event in them counts here."""
        counted_paths = {path for path, *_ in files}
        return [
            f"  landing/{without_addresses(path)}: its lines under Trust count here for nothing"
            for path in sorted(self.cited - counted_paths)
        ] or ([] if files else ["  none: no event of this period counts"])

    def _amount(self, value: float) -> str:
        """A value in the metric's unit; shares are stored as parts of one."""
        return figure(value * (100 if self.metric["unit"] == "%" else 1))

    def own(self) -> list[str]:
        """The metric whose lineage counts, with its parents where it is derived."""
        parents = self._one(queries.PARENTS, "metric").get("derived_metric_ids") or ""
        return [self._counted(), *(name.strip() for name in parents.split(";") if name.strip())]

    def sources(self) -> set[str]:
        """The sources whose events count for it."""
        self.keys["metrics"] = self.own()
        return {row["source_id"] for row in self._all(queries.SOURCES, "product", "metrics")}

    def _counted(self) -> str:
        return self.metric["companion_of_metric_id"] or self.metric["metric_id"]

    def _one(self, sql: str, *names: str) -> Values:
        return next(iter(self._all(sql, *names)), {})

    def _all(self, sql: str, *names: str) -> list[Values]:
        cursor = self.connection.execute(sql, {name: self.keys[name] for name in names})
        columns = [column[0] for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _said(state: Values) -> str:
    """The comparison that decided the state, or why there is none."""
    margin = f"margin {state['margin']:g} {state['margin_scale']}"
    if state["reason"] == "untrusted":
        return f"{state['lost_words'] or 'not to be read'}, {margin}"
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
