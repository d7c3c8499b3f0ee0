"""What the rows of served tables mean, as rules: ranges, orders, sets, and NULL with a reason."""

from typing import NamedTuple


class Rule(NamedTuple):
    """What is promised of a table."""

    said: str
    severity: str
    """warn, fail, or block: then nothing is published."""
    defect: str
    note: str
    """Which metric would be wrong, and in which direction."""


WEEK_GRAINS = ("week", "fortnight", "four_weeks", "thirteen_weeks", "month", "quarter")
REASONS = (
    "no_items", "no_denominator", "no_failures", "trend_in_failures", "not_ripe", "withheld",
    "suppressed", "median_not_reached", "too_few", "mixed_sampling", "no_baseline",
)  # fmt: skip
VERDICTS = (
    "tripped", "untrusted", "insufficient_data", "traded_off", "improved_balance_unproven",
    "improved_in_balance", "worsened_with_side_effects", "worsened", "side_effect_only",
    "no_signal",
)  # fmt: skip
LIMIT_STATES = ("learning", "provisional", "locked", "degenerate")
NUDGE = "(1e-9 * abs(t.value) + 1e-12)"
"""What rounding may take off: an interval of one value has its ends at the value."""
IS_BOOTSTRAP = "t.ci_method like '%bootstrap%'"

DERIVED: dict[str, dict[str, str]] = {
    "fct_metric_values": {
        "proportion_value": "case when m.kind = 'proportion' then t.value end",
        "duration_value": "case when m.kind = 'duration' then t.value end",
        "value_or_reason": "coalesce(cast(t.value as varchar), t.no_value_reason)",
        "untrusted_value": "case when t.trust_grade = 'D' then t.value end",
        "suppressed_value": "case when t.is_suppressed then coalesce(t.value, t.unit_count) end",
        "value_from": f"case when not ({IS_BOOTSTRAP}) then t.ci_low - {NUDGE} end",
        "value_to": f"case when not ({IS_BOOTSTRAP}) then t.ci_high + {NUDGE} end",
        "resampled_from": f"case when {IS_BOOTSTRAP} then t.ci_low - {NUDGE} end",
        "resampled_to": f"case when {IS_BOOTSTRAP} then t.ci_high + {NUDGE} end",
        "part": "case when m.kind = 'proportion' then t.numerator end",
    },
    "fct_tasks": {
        "finished_without_hours": "case when t.state = 'finished' and t.duration_hours is null "
        "then t.item_id end",
    },
    "kpi_scorecard": {
        "reason_of_trusted": "case when t.trust_grade in ('A', 'B') then t.trust_reason end",
    },
    "fct_metric_signals": {
        "signal_without_limits": "case when t.limit_state = 'learning' then t.rule end",
        "middle": "case when t.chart_method <> 'probability' then t.centre end",
        "some_upper_limit": "case when t.chart_method = 'probability' then t.upper_limit end",
    },
}
"""Columns that are judged and not served: `t` is the table, `m` its row of dim_metrics."""

ENUMERATION = "a word that nobody knows"
GRADE = Rule("grades are A to D", "block", "a grade that nobody knows",
             "Metrics that should be withheld may be shown: too low or too high.")  # fmt: skip

SETS: dict[tuple[str, str], tuple[tuple, Rule]] = {
    ("*", "trust_grade"): (tuple("ABCD"), GRADE),
    ("*", "grade"): (tuple("ABCD"), GRADE),
    ("*", "severity"): ((0, 1, 2, 3), Rule(
        "severities are 0 to 3", "fail", ENUMERATION,
        "Trust of the source's metrics may be better than it is: they are too low or too high.",
    )),
    ("fct_metric_values", "period_grain"): (
        WEEK_GRAINS, Rule("period grains are known", "fail", ENUMERATION,
                          "Sums of any metric by period leave these rows out: counts are too "
                          "low."),
    ),
    ("fct_metric_values", "no_value_reason"): (
        REASONS, Rule("reasons are known", "warn", ENUMERATION,
                      "Shares of a metric's periods that are withheld or hidden are too low."),
    ),
    ("kpi_scorecard", "verdict"): (
        VERDICTS, Rule("verdicts are those of the decision table", "block", ENUMERATION,
                       "The KPI has a verdict that no rule gives: better or worse than it is."),
    ),
    ("kpi_scorecard", "pair_verdict"): (
        VERDICTS[1:], Rule("pair verdicts are those of rules 2 to 10", "block", ENUMERATION,
                           "The verdict on lead and balances is better or worse than they are."),
    ),
    ("kpi_scorecard", "signal"): (
        ("improved", "none", "worsened"),
        Rule("signals are known", "fail", ENUMERATION,
             "Counts of KPIs whose lead improved or worsened are too low."),
    ),
    ("fct_balance_states", "state"): (
        ("held", "breached", "unresolved"),
        Rule("balance states are known", "block", ENUMERATION,
             "A side effect on the balancing metric may be taken for none: the KPI looks better "
             "than it is."),
    ),
    ("fct_tripwire_states", "state"): (
        ("quiet", "crossed", "crossed_lately", "unverified", "unknown", "not_ripe", "no_data"),
        Rule("tripwire states are known", "fail", ENUMERATION,
             "Counts of crossed tripwires are too low: their metrics look better than they are."),
    ),
    ("fct_metric_signals", "limit_state"): (
        LIMIT_STATES, Rule("limit states are known", "fail", ENUMERATION,
                           "The metric's signals may rest on limits that are still learned: "
                           "changes are called real too often."),
    ),
    ("fct_limit_segments", "limit_state"): (
        LIMIT_STATES, Rule("limit states are known", "fail", ENUMERATION,
                           "Counts of metrics with locked limits are too low."),
    ),
    ("fct_tasks", "state"): (
        ("open", "finished", "cancelled"),
        Rule("task states are known", "fail", ENUMERATION,
             "Counts of tasks by how they ended are too low, and shares of tasks too high."),
    ),
    ("fct_intake_reconciliation", "is_balanced"): (
        (True,), Rule("lines of each file add up", "block", "lines lost or counted twice",
                      "Counts and rates on the file's sources are too low or too high."),
    ),
    ("dim_metrics", "direction"): (
        ("up", "down", "band", "none"), Rule("directions are known", "fail", ENUMERATION,
                                             "The metric's changes are read as better where they "
                                             "are worse, or the other way round."),
    ),
    ("dim_metrics", "kind"): (
        ("duration", "proportion", "count_rate", "ratio_of_sums", "reliability", "stock",
         "quantile", "derived"),
        Rule("kinds are known", "fail", ENUMERATION,
             "The metric is read by the rules of another kind: its interval is too wide or too "
             "narrow."),
    ),
}  # fmt: skip


def _share(of: str) -> str:
    return (
        f"{of} is too high above 1 and too low below 0: more parts than whole, or less than none."
    )


NEGATIVE = "a count or time below zero"
RANGES: dict[tuple[str, str], tuple[float | None, float | None, Rule]] = {
    ("fct_metric_values", "proportion_value"): (
        0, 1, Rule("shares lie from 0 to 1", "block", "a share beyond its range",
                   _share("The metric's share")),
    ),
    ("fct_metric_values", "duration_value"): (
        0, None, Rule("times are not negative", "block", NEGATIVE,
                      "Durations are too low: what is below zero takes off the mean."),
    ),
    ("fct_metric_values", "unit_count"): (
        0, None, Rule("counts of items are not negative", "fail", NEGATIVE,
                      "Intervals of shares and rates are too wide or too narrow."),
    ),
    ("fct_tasks", "duration_hours"): (
        0, None, Rule("tasks don't end before they begin", "fail", NEGATIVE,
                      "Durations made of these tasks are too low."),
    ),
    ("fct_tasks", "reopen_count"): (
        0, None, Rule("counts of reopenings are not negative", "fail", NEGATIVE,
                      "Shares of reopened tasks are too low."),
    ),
    ("fct_funnels", "reached_share"): (
        0, 1, Rule("shares of a funnel lie from 0 to 1", "fail", "a share beyond its range",
                   _share("Conversion in the funnel")),
    ),
    ("fct_retention", "retained_share"): (
        0, 1, Rule("retained shares lie from 0 to 1", "fail", "a share beyond its range",
                   _share("Retention of the cohort")),
    ),
    ("fct_diagnostics", "share"): (
        0, 1, Rule("shares of reasons lie from 0 to 1", "fail", "a share beyond its range",
                   _share("The reason's share")),
    ),
    ("fct_delivery_quarters", "change_fail_rate"): (
        0, 1, Rule("fail rates lie from 0 to 1", "fail", "a share beyond its range",
                   _share("Change fail rate")),
    ),
    ("fct_delivery_quarters", "rework_rate"): (
        0, 1, Rule("rework rates lie from 0 to 1", "fail", "a share beyond its range",
                   _share("Rework rate")),
    ),
    ("fct_intake_reconciliation", "quarantined_line_count"): (
        0, None, Rule("no line count is negative", "fail", NEGATIVE,
                      "Counts and rates on the file's sources are too high."),
    ),
    ("fct_period_comparisons", "adjusted_p_value"): (
        0, 1, Rule("p-values lie from 0 to 1", "fail", "a chance beyond its range",
                   "Changes of the metric are called real too often or too seldom."),
    ),
}  # fmt: skip

ENDS = "an interval whose ends are not around its value"
WIDTH = "The metric looks surer or less sure than it is: value or interval is too low or too high."
OUTSIDE = Rule("values lie in their intervals", "fail", ENDS, WIDTH)
RESAMPLED = Rule("values lie in their resampled intervals", "warn", ENDS,
                 "Large items make intervals of ratios and means lean: too low.")  # fmt: skip
LIMITS = "Changes of the metric are called real too often or too seldom: limits are off."
AROUND = Rule("limits lie around the centre", "fail", "limits that are not around their centre",
              LIMITS)  # fmt: skip
BACKWARDS = "a stretch that ends before it begins"
ORDERED: dict[tuple[str, str, str], Rule] = {
    ("fct_metric_values", "value", "value_from"): OUTSIDE._replace(
        said="values lie above the low end of their intervals"
    ),
    ("fct_metric_values", "value_to", "value"): OUTSIDE._replace(
        said="values lie below the high end of their intervals"
    ),
    ("fct_metric_values", "value", "resampled_from"): RESAMPLED._replace(
        said="values lie above the low end of their resampled intervals"
    ),
    ("fct_metric_values", "resampled_to", "value"): RESAMPLED._replace(
        said="values lie below the high end of their resampled intervals"
    ),
    ("fct_metric_values", "denominator", "part"): Rule(
        "a share has no more parts than its whole", "block", "more parts than the whole",
        _share("The metric's share"),
    ),
    ("fct_metric_values", "period_start_date", "last_trusted_period_start_date"): Rule(
        "the last trusted period lies before", "fail", "a last trusted value of the future",
        "The value beside a withheld metric is too new: it is read as known then, too low or too "
        "high.",
    ),
    # charts of rare events run against the median of all periods, but each period's limits come of
    # the pooled rate and its own n: where most weeks have few items and one has hundreds, the
    # median is 0 and the limits of that week lie above it
    ("fct_metric_signals", "middle", "lower_limit"): AROUND._replace(
        said="lower limits lie below the centre"
    ),
    ("fct_metric_signals", "upper_limit", "middle"): AROUND._replace(
        said="upper limits lie above the centre"
    ),
    ("fct_metric_signals", "some_upper_limit", "lower_limit"): AROUND._replace(
        said="limits of rare events are in order"
    ),
    ("fct_balance_states", "ci_high", "ci_low"): OUTSIDE._replace(
        said="intervals of differences are in order", severity="block",
        note="The balancing metric looks better or worse than it is, and the KPI with it.",
    ),
    ("fct_impact_estimates", "ci_high", "ci_low"): OUTSIDE._replace(
        said="intervals of effects are in order",
        note="The launch's effect on its metric looks surer than it is, too low or too high.",
    ),
    ("fct_early_readings", "ci_high", "ci_low"): OUTSIDE._replace(
        said="intervals of early readings are in order",
        note="The early reading of a duration is too low or too high.",
    ),
    ("kpi_scorecard", "lead_ci_high", "lead_ci_low"): OUTSIDE._replace(
        said="intervals of leads are in order",
        note="The KPI's lead looks surer than it is, too low or too high.",
    ),
    ("fct_outages", "ended_at", "started_at"): Rule(
        "outages end after they begin", "fail", BACKWARDS,
        "Time to restore is too low, and time between outages too high.",
    ),
    ("fct_tasks", "finished_at", "started_at"): Rule(
        "tasks finish after they start", "fail", BACKWARDS,
        "Durations made of these tasks are too low.",
    ),
    ("fct_releases", "coverable", "covered"): Rule(
        "no release covers more than there is", "fail", "more parts than the whole",
        "Coverage of releases is too high.",
    ),
    ("fct_retention", "cohort_people", "retained_people"): Rule(
        "no cohort keeps more people than it has", "fail", "more parts than the whole",
        "Retention of the cohort is too high.",
    ),
    ("fct_funnels", "entered_count", "reached_count"): Rule(
        "no step is reached by more than entered", "fail", "more parts than the whole",
        "Conversion in the funnel is too high.",
    ),
}  # fmt: skip

NOT_NULL: dict[tuple[str, str], Rule] = {
    ("fct_metric_values", "value_or_reason"): Rule(
        "no value is missing without a reason", "block", "a gap that nobody explains",
        "Readers take the metric's gap for zero: counts and rates are too low.",
    ),
}  # fmt: skip
NULL: dict[tuple[str, str], Rule] = {
    ("fct_metric_values", "untrusted_value"): Rule(
        "no value of trust D is shown", "block", "a number that was to be withheld",
        "The metric says what its broken source says: too low or too high.",
    ),
    ("fct_metric_values", "suppressed_value"): Rule(
        "no figure of few people is shown", "block", "figures of few people",
        "No value is wrong, but a metric about people tells what few of them did.",
    ),
    ("fct_tasks", "finished_without_hours"): Rule(
        "finished tasks have a duration", "fail", "finished tasks without a duration",
        "Mean durations leave these tasks out: too low or too high.",
    ),
    ("kpi_scorecard", "reason_of_trusted"): Rule(
        "a lead of trust A or B has no reason of distrust", "fail", "a reason beside sound trust",
        "No value is wrong, but the KPI is read as withheld although its lead isn't.",
    ),
    ("fct_metric_signals", "signal_without_limits"): Rule(
        "no signal comes of limits that are still learned", "fail", "signals without limits",
        "Changes of the metric are called real too often.",
    ),
}  # fmt: skip
