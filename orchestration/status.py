"""What the last publication says, in lines for a terminal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from orchestration.defs.judge.trust_reasons import UNTOLD
from orchestration.failures import failure_words
from orchestration.plurals import counted
from orchestration.publications import last_publication
from orchestration.trust.ahead import ahead_of_all
from orchestration.workspace import Workspace

VERDICTS = """
select
    coalesce(products.product_name, products.product_id) as product,
    string_agg(
        case
            when scorecard.verdict = 'improved_balance_unproven'
                and scorecard.untrusted_balance_count > 0 then 'improved, balance not to be read'
            else replace(scorecard.verdict, '_', ' ')
        end || ': ' || scorecard.reading || coalesce(' ' || scorecard.reading_note, ''), ' | '
        order by scorecard.kpi_id
    ) as said
from marts.dim_products as products
left join marts.kpi_scorecard as scorecard
    on products.product_id = scorecard.product_id
    and scorecard.is_latest
group by products.product_id, products.product_name
order by products.product_id
"""

LOST = """
with

weeks as (
    select
        metric_values.product_id,
        metric_values.metric_id,
        metrics.companion_of_metric_id,
        metric_values.period_start_date as week,
        coalesce(metric_values.no_value_reason = 'withheld', false) as is_withheld,
        trust.source_id,
        trust.reason
    from marts.fct_metric_values as metric_values
    inner join marts.dim_metrics as metrics on metric_values.metric_id = metrics.metric_id
    left join marts.fct_metric_trust as trust
        on metric_values.product_id = trust.product_id
        and metric_values.metric_id = trust.metric_id
        and metric_values.period_start_date = trust.week_start_date
    where metric_values.period_grain = 'week' and metric_values.segment_type = 'all'
        -- a hidden value is none that could be struck through
        and (
            metric_values.no_value_reason = 'withheld'
            or (metric_values.trust_grade = 'C' and metric_values.value is not null)
        )
)

select
    weeks.product_id,
    weeks.metric_id,
    count(*) filter (where weeks.is_withheld) as withheld_count,
    min(weeks.week) filter (where weeks.is_withheld) as withheld_from,
    max(weeks.week) filter (where weeks.is_withheld) as withheld_to,
    count(*) filter (where not weeks.is_withheld) as struck_count,
    min(weeks.week) filter (where not weeks.is_withheld) as struck_from,
    max(weeks.week) filter (where not weeks.is_withheld) as struck_to,
    arg_max(weeks.source_id, weeks.week) as source_id,
    arg_max(weeks.reason, weeks.week) as reason,
    (
        select count(distinct others.metric_id) from weeks as others
        where others.product_id = weeks.product_id
            and others.companion_of_metric_id = weeks.metric_id
    ) as companion_count
from weeks
-- a metric speaks for its median, mean and p90: they read the same events
where weeks.companion_of_metric_id is null
group by weeks.product_id, weeks.metric_id
order by weeks.product_id, weeks.metric_id
"""

SET_ASIDE = """
select
    reason,
    sum(event_count) as event_count,
    min('landing/' || path || coalesce(':' || cast(line_number as varchar), '')) as example
from marts.fct_quarantined_events
group by reason
order by event_count desc, reason
"""

LINES_LOST = """
select path, loss, counts_against, line_count, first_week_start_date, last_week_start_date
from marts.fct_lines_lost
where loss = 'taken_away' or counts_against = 'nobody'
order by counts_against <> 'nobody', path, loss, counts_against
"""
IS_SERVED = "select 1 from duckdb_tables() where table_name = '{table}'"

MOST_LINES = 12
RECENT_WEEKS = 4
"""What was withheld in one of so many latest weeks is named before what is only struck through."""


@dataclass(frozen=True)
class Lost:
    """Weeks of one metric that can't be used since their source can't be believed."""

    product_id: str
    metric_id: str
    withheld_count: int
    withheld_from: date | None
    withheld_to: date | None
    struck_count: int
    struck_from: date | None
    struck_to: date | None
    source_id: str | None
    reason: str | None
    companion_count: int

    @property
    def latest(self) -> date:
        """The latest of these weeks, of which the reason is."""
        return max(day for day in (self.withheld_to, self.struck_to) if day)

    def __str__(self) -> str:
        spans = [
            f"{words} in {_weeks(count, first, last)}"
            for words, count, first, last in (
                ("withheld", self.withheld_count, self.withheld_from, self.withheld_to),
                ("struck through", self.struck_count, self.struck_from, self.struck_to),
            )
            if count
        ]
        why = self.reason or "no reason given"
        why = f"{self.source_id}: {why}" if self.source_id else why
        if self.withheld_count + self.struck_count > 1 and UNTOLD not in why:
            # each week has figures of its own
            why += f", in the week of {self.latest}"
        return f"{self.product_id} {self.metric_id}, {' and '.join(spans)} ({why})"


def lost(workspace: Workspace) -> list[Lost]:
    """Every metric with weeks withheld (trust D) or struck through (C) in what is published."""
    return [Lost(*row) for row in _query(workspace, LOST)]


def withheld(workspace: Workspace) -> list[Lost]:
    """Those of them with weeks withheld."""
    return [metric for metric in lost(workspace) if metric.withheld_count]


def describe(workspace: Workspace) -> str:
    """Run, as-of, a verdict line a KPI product, what is withheld, and where the pages lie."""
    published = last_publication(workspace)
    if published is None:
        never = f"Nothing has been published in {workspace.home} yet. Run `steelyard refresh`."
        return "\n".join([never, *failure_words(workspace)])
    failure = failure_words(workspace)
    lines = [
        *failure,
        *([""] if failure else []),
        f"Published run {published.run_id}, as of {published.as_of_at}Z,"
        f" code {published.code_version}",
        "",
    ]
    verdicts = _verdicts(workspace)
    lines += [f"{product}: {said}" for product, said in verdicts if said]
    without = [product for product, said in verdicts if not said]
    if without:
        lines.append(f"{counted(len(without), 'product')} without a KPI: {', '.join(without)}")
    lines += _lost(lost(workspace))
    lines += ahead_of_all(workspace)
    lines += _set_aside(workspace)
    if gone := lines_lost(workspace):
        lines += ["", "Lost lines:", *(f"  {line}" for line in gone[:MOST_LINES])]
        if more := gone[MOST_LINES:]:
            lines.append(f"  and {len(more)} more, see the quality report")
    lines += [
        "",
        f"scorecard  {workspace.publish / 'scorecard.html'}",
        f"quality    {workspace.publish / 'quality.html'}",
        f"marts      {workspace.publish / 'marts.duckdb'}",
    ]
    return "\n".join(lines)


def _lost(metrics: list[Lost]) -> list[str]:
    """The metrics that are lost in some weeks, each once, the worst of late first."""
    if not metrics:
        return []
    ordered = sorted(metrics, key=_rank(max(metric.latest for metric in metrics)), reverse=True)
    companions = sum(metric.companion_count for metric in metrics)
    of = counted(companions, "median, mean or p90", "medians, means and p90")
    also = f" (and {of} of them)" if companions else ""
    held = sum(metric.withheld_count > 0 for metric in metrics)
    struck = sum(metric.struck_count > 0 for metric in metrics)
    lines = [
        "",
        f"{counted(len(metrics), 'metric')}{also} can't be believed in some weeks:"
        f" withheld (trust D) {held}, struck through (trust C) {struck}"
        + (f", {both} of them in both ways" if (both := held + struck - len(metrics)) else ""),
    ]
    lines += [f"  {metric}" for metric in ordered[:MOST_LINES]]
    if len(metrics) > MOST_LINES:
        lines.append(f"  and {len(metrics) - MOST_LINES} more, see the quality report")
    return lines


def _rank(now: date) -> Callable[[Lost], tuple]:
    """How much a metric matters: withheld of late, lost of late, the number of weeks withheld."""
    of_late = now - timedelta(weeks=RECENT_WEEKS)

    def rank(metric: Lost) -> tuple:
        is_held = metric.withheld_to is not None and metric.withheld_to > of_late
        return is_held, metric.latest, metric.withheld_count

    return rank


def _weeks(count: int, first: object, last: object) -> str:
    if first == last:
        return f"the week of {first}"
    return f"{counted(count, 'week')} from {first} to {last}"


def _set_aside(workspace: Workspace) -> list[str]:
    """How many lines and files were quarantined for which reason, with one example each."""
    reasons = _query(workspace, SET_ASIDE)
    if not reasons:
        return []
    total = sum(count for _, count, _ in reasons)
    lines = [
        f"  {count:,} for {reason.replace('_', ' ')}, for example {example}"
        for reason, count, example in reasons
    ]
    return ["", f"Quarantined: {total:,}, see the quality report", *lines]


def lines_lost(workspace: Workspace) -> list[str]:
    """Files of which lines were taken away, or can't be read and lower nobody's trust."""
    # an earlier version has published no such table
    if not _query(workspace, IS_SERVED.format(table="fct_lines_lost")):
        return []
    return [
        f"landing/{path}: {said}"
        for path, loss, source, count, first, last in _query(workspace, LINES_LOST)
        for lines in [counted(count, "line") if count is not None else "lines"]
        for weeks in [f"the week of {first}" if first == last else f"the weeks {first} to {last}"]
        for said in [
            f"{lines} of {source} in {weeks} were counted and are in no file any more"
            if loss == "taken_away"
            else f"{lines} can't be read, and nothing tells of which source: no grade shows it"
        ]
    ]


def _verdicts(workspace: Workspace) -> list[tuple]:
    return _query(workspace, VERDICTS)


def _query(workspace: Workspace, sql: str) -> list[tuple]:
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()
