"""What the last publication says, in lines for a terminal."""

from dataclasses import dataclass

import duckdb

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
        end || ': ' || scorecard.reading, ' | '
        order by scorecard.kpi_id
    ) as said
from marts.dim_products as products
left join marts.kpi_scorecard as scorecard
    on products.product_id = scorecard.product_id
    and scorecard.is_latest
group by products.product_id, products.product_name
order by products.product_id
"""

WITHHELD = """
select
    metric_values.product_id,
    metric_values.metric_id,
    count(*) as week_count,
    min(metric_values.period_start_date) as from_date,
    max(metric_values.period_start_date) as to_date,
    arg_max(trust.source_id, metric_values.period_start_date) as source_id,
    arg_max(trust.reason, metric_values.period_start_date) as reason
from marts.fct_metric_values as metric_values
-- a metric speaks for its median, mean and p90: they read the same events
inner join marts.dim_metrics as metrics
    on metric_values.metric_id = metrics.metric_id
    and metrics.companion_of_metric_id is null
left join marts.fct_metric_trust as trust
    on metric_values.product_id = trust.product_id
    and metric_values.metric_id = trust.metric_id
    and metric_values.period_start_date = trust.week_start_date
where metric_values.period_grain = 'week' and metric_values.segment_type = 'all'
    and {which}
group by metric_values.product_id, metric_values.metric_id
order by metric_values.product_id, metric_values.metric_id
"""

IS_WITHHELD = "metric_values.no_value_reason = 'withheld'"
# a hidden value is none that could be struck through
IS_STRUCK = "metric_values.trust_grade = 'C' and metric_values.value is not null"

SET_ASIDE = """
select
    reason,
    sum(event_count) as event_count,
    min('landing/' || path || coalesce(':' || cast(line_number as varchar), '')) as example
from marts.fct_quarantined_events
group by reason
order by event_count desc, reason
"""

MOST_LINES = 12


@dataclass(frozen=True)
class Withheld:
    """Weeks of one metric that can't be used since their source can't be believed."""

    product_id: str
    metric_id: str
    week_count: int
    from_date: object
    to_date: object
    source_id: str | None
    reason: str | None

    def __str__(self) -> str:
        weeks = counted(self.week_count, "week")
        why = self.reason or "no reason given"
        why = f"{self.source_id}: {why}" if self.source_id else why
        when = f"{weeks} from {self.from_date} to {self.to_date}"
        if self.from_date == self.to_date:
            when = f"the week of {self.from_date}"
        return f"{self.product_id} {self.metric_id}, {when} ({why})"


def withheld(workspace: Workspace) -> list[Withheld]:
    """Every metric with weeks withheld in what is published."""
    return [Withheld(*row) for row in _query(workspace, WITHHELD.format(which=IS_WITHHELD))]


def struck(workspace: Workspace) -> list[Withheld]:
    """Every metric with weeks of trust C: shown struck through, and used for no verdict."""
    return [Withheld(*row) for row in _query(workspace, WITHHELD.format(which=IS_STRUCK))]


def describe(workspace: Workspace) -> str:
    """Run, as-of, a verdict line a KPI product, what is withheld, and where the pages lie."""
    published = last_publication(workspace)
    if published is None:
        return f"Nothing has been published in {workspace.home} yet. Run `steelyard refresh`."
    lines = [
        f"Published run {published.run_id}, as of {published.as_of_at}Z,"
        f" code {published.code_version}",
        "",
    ]
    verdicts = _verdicts(workspace)
    lines += [f"{product}: {said}" for product, said in verdicts if said]
    without = [product for product, said in verdicts if not said]
    if without:
        lines.append(f"{counted(len(without), 'product')} without a KPI: {', '.join(without)}")
    lines += _lost("Withheld (trust D)", "their sources can't be believed", withheld(workspace))
    lines += _lost("Struck through (trust C)", "no verdict comes of them", struck(workspace))
    lines += ahead_of_all(workspace)
    lines += _set_aside(workspace)
    lines += [
        "",
        f"scorecard  {workspace.publish / 'scorecard.html'}",
        f"quality    {workspace.publish / 'quality.html'}",
        f"marts      {workspace.publish / 'marts.duckdb'}",
    ]
    return "\n".join(lines)


def _lost(what: str, why: str, metrics: list[Withheld]) -> list[str]:
    """The metrics that are lost in some weeks, the latest first."""
    if not metrics:
        return []
    ordered = sorted(metrics, key=lambda metric: str(metric.to_date), reverse=True)
    lines = ["", f"{what}: {counted(len(metrics), 'metric')}, {why}"]
    lines += [f"  {metric}" for metric in ordered[:MOST_LINES]]
    if len(metrics) > MOST_LINES:
        lines.append(f"  and {len(metrics) - MOST_LINES} more, see the quality report")
    return lines


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


def _verdicts(workspace: Workspace) -> list[tuple]:
    return _query(workspace, VERDICTS)


def _query(workspace: Workspace, sql: str) -> list[tuple]:
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()
