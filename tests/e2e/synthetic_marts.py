"""A small warehouse of marts that obey the contracts: every verdict, state and grade once.

Products, KPIs and metrics are those of the sample registry; values are drawn from a seed.
"""

import csv
import math
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow

from orchestration.defs.publish.contracts import read_contracts
from orchestration.workspace import Workspace
from tests.e2e.synthetic_instruments import EARLY, instrument_rows
from tests.e2e.synthetic_warehouse import TABLES

REGISTRY = Path(__file__).parents[2] / "seeds" / "sample"
AS_OF = datetime(2026, 3, 2, 6, 0)
LAST_WEEK = date(2026, 2, 23)
WEEKS = [LAST_WEEK - timedelta(weeks=back) for back in reversed(range(60))]
BASELINE, CHANGE = 16, 44

# verdict, rule, conversation, state of each balancing metric, reading
PLANTED = {
    "insight_desk.time_to_decision": (
        "improved_in_balance", 6, "keep", ["held", "held"],
        "Mean time to decision fell from 5.4 days to 3.1 days, and decisions right by the agreed "
        "criteria and clarifying questions per question stayed within the agreed margin: keep "
        "what was changed.",
    ),
    "newsroom_cms.time_to_publish": (
        "traded_off", 4, "price", ["breached", "held"],
        "Mean time to publish fell from 2.2 days to 1.1 days, but share of content time spent "
        "fixing errors rose from 6 % to 14 %; discuss before calling it a win.",
    ),
    "release_platform.time_to_roll_back": (
        "untrusted", 2, "mend", ["unresolved"],
        "Time to roll back can't be read at present: 38 of 61 roll-backs have no finish event in "
        "the weeks of 2026-02-02 to 2026-02-16. Mend the instrument first.",
    ),
    "release_platform.well_packaged_releases": (
        "improved_balance_unproven", 5, "prove", ["unresolved", "held", "held"],
        "Well-packaged releases rose from 5.2 releases per 2 weeks to 8.4 releases per 2 weeks; "
        "it is not yet shown that defects found after the roll-back window stayed in balance, so "
        "wait before calling it a win.",
    ),
    "platform_reliability.time_to_fix": (
        "no_signal", 10, "wait", ["held"],
        "Mean time to fix stood at about 3.9 h, within the usual range around 4.1 h; there is "
        "nothing to conclude yet.",
    ),
    "platform_reliability.time_between_failures": (
        "worsened", 8, "worse", ["unresolved"],
        "Mean time between failures fell from 9.1 days to 5.2 days; find out what changed since "
        "2025-12-15.",
    ),
    "vulnerability_desk.patched_in_7_days": (
        "tripped", 1, "tripwire", ["breached"],
        "Known-exploited holes open over 7 days reached 2 instances, past the agreed line of 1 "
        "instance; talk about this first. Affected instances patched within 7 days rose from "
        "71 % to 88 %, but patched instances with an incident within 48 hours rose from 2.1 % to "
        "6.4 %; discuss before calling it a win.",
    ),
    "cluster_service.time_to_usable_cluster": (
        "insufficient_data", 3, "wait", ["unresolved"],
        "Mean time to a usable cluster can't be judged yet: 6 usable periods so far, and limits "
        "need 8 to be drawn and 16 to be locked.",
    ),
    "tills.items_per_scanning_minute": (
        "side_effect_only", 9, "price", ["breached"],
        "Items per active scanning minute stood at about 21.4 items per minute, within the usual "
        "range, but lines with corrected or voided quantity rose from 4.1 % to 5.6 %; find out "
        "why before changing anything else.",
    ),
}  # fmt: skip

LEVELS = {
    "hours": 60.0, "minutes": 240.0, "%": 0.4,
    "releases per 2 weeks": 5.0, "items per minute": 21.0,
}  # fmt: skip


def build(workspace: Workspace) -> None:
    """Write the warehouse with a schema `marts` whose tables obey the contracts."""
    workspace.warehouse.mkdir(parents=True, exist_ok=True)
    rows = Synthetic().rows()
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(TABLES)
        connection.execute("create schema marts")
        for contract in read_contracts():
            connection.execute(contract.create_statement(f"marts.{contract.name}"))
            names = [column.name for column in contract.columns]
            table = [
                {name: None if row.get(name) is None else str(row[name]) for name in names}
                for row in rows.get(contract.name, [])
            ]
            if table:
                schema = pyarrow.schema([(name, pyarrow.string()) for name in names])
                connection.register("rows", pyarrow.Table.from_pylist(table, schema))
                casts = ", ".join(f"cast({c.name} as {c.data_type})" for c in contract.columns)
                connection.execute(f"insert into marts.{contract.name} select {casts} from rows")
                connection.unregister("rows")


def registry(name: str) -> list[dict[str, Any]]:
    """A registry file of the sample, blanks as None."""
    with (REGISTRY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {k: v or None for k, v in row.items()} | {"registry_line": line}
            for line, row in enumerate(csv.DictReader(file), start=2)
        ]


class Synthetic:
    """Draws values, points, states and checks for the planted KPIs."""

    def __init__(self) -> None:
        self.random = random.Random(20260302)
        self.metrics = {row["metric_id"]: row for row in registry("metrics")}
        self.kpis = [row for row in registry("kpis") if row["kpi_id"] in PLANTED]
        self.products = {row["product_id"] for row in self.kpis}
        self.tables: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, **row: Any) -> None:
        self.tables.setdefault(table, []).append(row)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Rows per table."""
        self.dimensions()
        for kpi in self.kpis:
            self.kpi(kpi)
        self.instruments()
        self.intake()
        self.reasons()
        self.trees()
        self.launches()
        self.limits()
        for table, row in instrument_rows(WEEKS, self.tables["dim_sources"]):
            self.add(table, **row)
        return self.tables

    def dimensions(self) -> None:
        self.add(
            "dim_run", run_id="run-0001", as_of_at=AS_OF, code_version="0.1.0",
            reporting_time_zone="Europe/Berlin",
        )  # fmt: skip
        for product in registry("products"):
            if product["product_id"] in self.products:
                self.add("dim_products", **product)
        for kpi in self.kpis:
            self.add("dim_kpis", **kpi)
        for metric in self.metrics.values():
            self.add("dim_metrics", **metric, is_additive=True)
        for source in registry("sources"):
            if source["product_id"] in self.products:
                ended = source["product_id"] == "platform_reliability"
                self.add(
                    "dim_sources", **source, has_ended=ended,
                    observed_until_at=datetime(2026, 2, 1) if ended else None,
                    latest_received_at=AS_OF if source["product_id"] == "newsroom_cms" else None,
                )  # fmt: skip

    def source_of(self, product_id: str) -> str:
        return next(
            s["source_id"] for s in self.tables["dim_sources"] if s["product_id"] == product_id
        )

    def kpi(self, kpi: dict[str, Any]) -> None:
        verdict, rule, conversation, states, reading = PLANTED[kpi["kpi_id"]]
        product_id, metric = kpi["product_id"], self.metrics[kpi["metric_id"]]
        problem = next(
            p for p in registry("problem_statements")
            if p["problem_statement_id"] == kpi["problem_statement_id"]
        )  # fmt: skip
        pair = "traded_off" if verdict == "tripped" else verdict
        signal = {"improved": "improved", "traded": "improved", "worsened": "worsened"}.get(
            pair.split("_")[0], "none"
        )
        self.series(product_id, metric, signal, verdict)
        self.add(
            "kpi_scorecard",
            **{**problem, **kpi, "last_confirmed_date": LAST_WEEK if rule == 6 else None},
            week_start_date=LAST_WEEK, is_latest=True,
            metric_name=metric["metric_name"], unit=metric["unit"], direction=metric["direction"],
            lead_period_grain=metric["natural_period"], signal=signal,
            signal_from_date=WEEKS[CHANGE] if signal != "none" else None, verdict=verdict,
            rule_number=rule, pair_verdict=pair, pair_rule_number=4, crossed_tripwire_count=0,
            trust_grade="D" if verdict == "untrusted" else "A", conversation=conversation,
            limit_state="learning" if verdict == "insufficient_data" else "locked",
            has_usable_period=True, is_suppressed=False, untrusted_balance_count=0,
            is_lost_still=False if verdict == "untrusted" else None,
            is_tripped=verdict == "tripped",
            repair_hint="send rollback.completed from the pipeline's finally block"
            if verdict == "untrusted" else None,
            reading=reading, what_would_change_it="A value beyond a limit, or eight in a row.",
            last_confirmed_verdict="improved_in_balance" if rule == 6 else None,
        )  # fmt: skip
        balances = [b for b in registry("balances") if b["kpi_id"] == kpi["kpi_id"]]
        for balance, state in zip(balances, states, strict=True):
            self.balance(kpi, balance, state)
        for tripwire in registry("tripwires"):
            if tripwire["kpi_id"] == kpi["kpi_id"]:
                self.tripwire(product_id, tripwire, verdict == "tripped")

    def balance(self, kpi: dict[str, Any], balance: dict[str, Any], state: str) -> None:
        metric = self.metrics[balance["metric_id"]]
        self.series(kpi["product_id"], metric, "worsened" if state == "breached" else "none", "")
        worse = {"breached": 2.6, "held": 0.1, "unresolved": 0.4}[state] * float(balance["margin"])
        spread = {"breached": 0.9, "held": 0.5, "unresolved": 2.5}[state] * float(balance["margin"])
        is_silent = balance["metric_id"] == "user_found_outage_share"
        self.add(
            "fct_balance_states", product_id=kpi["product_id"], week_start_date=LAST_WEEK,
            kpi_id=kpi["kpi_id"], metric_id=balance["metric_id"], before_value=0.06,
            after_value=0.14, difference=None if is_silent else worse, ci_low=worse - spread,
            ci_high=worse + spread, margin=float(balance["margin"]),
            margin_scale=balance["margin_scale"], margin_reason=balance["reason"],
            unit=metric["unit"], state=state, reason="too_few_items" if is_silent else None,
            trust_grade="D" if metric["metric_id"] == "repeated_rollback_share" else "A",
        )  # fmt: skip

    def tripwire(self, product_id: str, tripwire: dict[str, Any], is_crossed: bool) -> None:
        metric = self.metrics[tripwire["metric_id"]]
        threshold = float(tripwire["threshold"])
        state = "crossed" if is_crossed else "quiet"
        if tripwire["tripwire_id"] == "legal_page_retracted":
            state = "crossed_lately"
        self.add(
            "fct_tripwire_states", **tripwire, product_id=product_id, week_start_date=LAST_WEEK,
            metric_name=metric["metric_name"], unit=metric["unit"], is_crossed=is_crossed,
            tripwire_grain=tripwire["grain"], observed_value=threshold * (2 if is_crossed else 0),
            state=state, last_crossed_week_start_date=WEEKS[-3], trust_grade="A",
        )  # fmt: skip

    def series(self, product_id: str, metric: dict[str, Any], signal: str, verdict: str) -> None:
        """Weekly values and chart points of one metric of one product."""
        unit, is_share = metric["unit"], metric["unit"] == "%"
        level = LEVELS.get(unit, 0.5)
        sigma = 0.11
        move = {"improved": -0.42, "worsened": 0.42, "none": 0.0}[signal]
        move = -move if metric["direction"] == "up" else move
        learning = verdict == "insufficient_data"
        run = 0
        for number, week in enumerate(WEEKS):
            shift = move if number >= CHANGE else 0.0
            value = level * math.exp(self.random.gauss(shift, sigma))
            value = min(value, 0.99) if is_share else value
            is_ripe = number < 58
            grade, reason = self.grade(product_id, metric["metric_id"], number)
            missing = "withheld" if grade == "D" else None
            if number == 30 and not missing:
                missing = "no_items"
            if not is_ripe and (product_id, metric["metric_id"]) == EARLY:
                missing = "not_ripe"
            if learning and number % 4:
                missing = "no_items"
            run = 0 if missing or not is_ripe else run + 1 if shift else 0
            n = self.random.randint(8, 48)
            shown = None if missing else value
            self.add(
                "fct_metric_values", product_id=product_id, metric_id=metric["metric_id"],
                segment_type="all", segment_value="all", period_grain="week",
                period_start_date=week, value=shown,
                numerator=None if missing else value * n, denominator=None if missing else n,
                unit_count=0 if missing == "no_items" else n, open_count=0 if is_ripe else 3,
                ci_low=None if missing else value * 0.86, ci_high=None if missing else value * 1.15,
                unit=unit, is_ripe=is_ripe, is_due=is_ripe, is_suppressed=False,
                no_value_reason=missing, trust_grade=grade, metric_version=1, as_of_at=AS_OF,
                last_trusted_value=level if grade in "CD" else None,
                last_trusted_period_start_date=WEEKS[49] if grade in "CD" else None,
            )  # fmt: skip
            self.add(
                "fct_metric_trust", product_id=product_id, metric_id=metric["metric_id"],
                week_start_date=week, grade=grade, reason=reason,
                source_id=self.source_of(product_id) if reason else None,
                repair_hint="send the finish event from the pipeline's finally block"
                if reason else None,
                catch_up_hint="Replay the hook's log of these weeks." if reason else None,
                check_id=5 if reason else None,
            )  # fmt: skip
            state = "learning" if learning or number < 8 else "provisional"
            state = "locked" if number >= BASELINE and not learning else state
            side = "favourable" if signal == "improved" else "unfavourable"
            self.add(
                "fct_metric_signals", product_id=product_id, metric_id=metric["metric_id"],
                period_grain="week", period_start_date=week, point_number=number + 1, value=shown,
                centre=None if state == "learning" else level,
                lower_limit=None if state == "learning" else level * math.exp(-2.66 * sigma * 1.1),
                upper_limit=None if state == "learning" or (is_share and level > 0.8)
                else level * math.exp(2.66 * sigma * 1.1),
                is_usable=is_ripe and shown is not None, is_baseline=number < BASELINE,
                limit_state=state, segment_number=1, chart_method="xmr_mean", chart_scale="log",
                rule="run_of_8" if run >= 8 else None, signal_side=side if run >= 8 else None,
                is_sustained=run >= 8,
            )  # fmt: skip

    def grade(self, product_id: str, metric_id: str, number: int) -> tuple[str, str | None]:
        if metric_id in ("time_to_roll_back", "repeated_rollback_share") and 55 <= number <= 57:
            return "D", "finish events are missing for 38 of 61 roll-backs"
        if metric_id == "time_to_roll_back" and 50 <= number < 55:
            return "C", "finish events are missing for 6 of 58 roll-backs"
        return "A", None

    def instruments(self) -> None:
        checks = ("redelivery", "orphan_finish", "missing_finish", "negative_duration",
                  "silent_source", "clock_skew", "double_ingress")  # fmt: skip
        for source in self.tables["dim_sources"]:
            is_bad = source["product_id"] == "release_platform"
            for number, week in enumerate(WEEKS):
                for check_id, name in enumerate(checks, start=1):
                    severity = (
                        3 if is_bad and name == "missing_finish" and number in (55, 56, 57) else 0
                    )
                    severity = (
                        2 if is_bad and name == "missing_finish" and 50 <= number < 55 else severity
                    )
                    severity = 1 if name == "redelivery" and number % 17 == 3 else severity
                    self.add(
                        "fct_instrument_checks", source_id=source["source_id"], event_type="*",
                        week_start_date=week, check_id=check_id, check_name=name,
                        severity=severity, statistic=0.62 if severity else 0.01, n=61,
                        defect=f"{name}_defect", note="38 of 61 starts have no finish"
                        if severity > 1 else None,
                    )  # fmt: skip
                self.add(
                    "fct_source_trust", source_id=source["source_id"], week_start_date=week,
                    grade="D" if is_bad and number > 54 else "A", worst_check_id=3,
                    reason="missing finish" if is_bad else None,
                )  # fmt: skip

    def intake(self) -> None:
        for number in range(12):
            bad = 3 if number == 4 else 0
            self.add(
                "fct_intake_reconciliation", file_id=f"f{number:02}", connector="cloudevents",
                path=f"cloudevents/newsroom/2026-{number + 1:02}-long-file-name-of-an-export.jsonl",
                file_status="quarantined" if number == 9 else "loaded",
                problem="broken_gzip" if number == 9 else None,
                line_count=1204, accepted_line_count=1200 - bad, duplicate_line_count=4,
                quarantined_line_count=bad, is_coarse=False, is_balanced=True,
            )  # fmt: skip
        for line in (17, 18, 240):
            self.add(
                "fct_quarantined_events", path="cloudevents/newsroom/2026-05.jsonl",
                line_number=line, reason="missing_attribute", reason_detail="time is missing",
                source_id="cms", event_type="content.published", event_count=1,
            )  # fmt: skip

    def reasons(self) -> None:
        """A Pareto table with a long reason, more reasons than are shown, and an unknown part."""
        names = ["configuration_that_nobody_reviewed_before_it_went_live_in_production"]
        amounts = dict(
            zip(names + [f"cause_{n}" for n in range(10)], range(30, 8, -2), strict=True)
        )
        total = sum(amounts.values()) + 12
        for rank, (reason, amount) in enumerate([*amounts.items(), ("unknown", 12)], start=1):
            self.add(
                "fct_diagnostics", diagnostic_id="planted", product_id="platform_reliability",
                diagnostic_name="Planted causes", reason_rank=rank, reason=reason,
                is_unknown=reason == "unknown", amount=amount, item_count=amount,
                share=amount / total, unknown_share=12 / total, amount_of="items",
                trailing_days=60, is_coarse=False, trust_grade="A",
            )  # fmt: skip

    def trees(self) -> None:
        """A split by rate and mix whose parts moved the other way, a product, an influence each."""
        pair = {
            "period_grain": "four_weeks", "period_start_date": WEEKS[-5],
            "previous_start_date": WEEKS[-9], "trust_grade": "A",
        }  # fmt: skip
        own = {"product_id": "release_platform", "parent_metric_id": "well_packaged_releases"}
        # [mix_rate]: 0.82 to 0.71 although both parts rose by 0.05
        parts = {"judged_releases": (0.8, 0.4, 0.9, 0.95, 0.03, -0.064),
                 "well_packaged_share": (0.2, 0.6, 0.5, 0.55, 0.02, -0.096)}  # fmt: skip
        for child, (w0, w1, r0, r1, rate, mix) in parts.items():
            self.add(
                "fct_tree_contributions", **own, **pair, child_metric_id=child,
                edge_type="weighted_rate", is_strategic_focus=child == "well_packaged_share",
                parent_before=0.82, parent_after=0.71, parent_change=-0.11, child_before=r0,
                child_after=r1, weight_before=w0, weight_after=w1, contribution=rate + mix,
                rate_effect=rate, mix_effect=mix, has_opposite_rates=True,
            )  # fmt: skip
        statuses = ("supported", "not_supported", "contradicted", "untested")
        children = ("release_covered_share", "test_coverage", "change_lead_time", "load_borne")
        for status, child in zip(statuses, children, strict=True):
            is_tested = status != "untested"
            self.add(
                "fct_driver_evidence", **own, child_metric_id=child, status=status,
                expected_sign="positive", declared_lags_weeks="1;2;3;4",
                lag_weeks=2 if is_tested else None, correlation=-0.51 if is_tested else None,
                p_value=0.004 if is_tested else None, pair_count=31 if is_tested else 12,
                has_repeated=status == "supported" or None,
                note=None if is_tested else "needs 26 pairs of ripe weeks",
                evidence="Teams say so", is_strategic_focus=status == "supported",
            )  # fmt: skip

    def launches(self) -> None:
        """Every design, and a launch that is too young; one has horizons without an estimate."""
        worth = {"currency": "USD", "capacity_value": 1380, "capacity_value_low": 133,
                 "capacity_value_high": 2664, "is_value_shown": True}  # fmt: skip
        designs: dict[str, dict[str, Any]] = {
            "difference_in_differences": {
                "control_change": -1, "control_count": 9, "p_value": 0.1,
                "has_flat_difference_before": False,
            },
            "interrupted_series": {
                "counterfactual_at_last": 24.84, "false_start_rank": 2, "false_start_count": 20,
            },
            "before_after": {},
            "deflection": {"avoided": 23, "avoided_low": 2.2, "avoided_high": 44.4, **worth},
            "too_young": {"no_value_reason": "not_ripe"},
        }  # fmt: skip
        for number, (design, extra) in enumerate(designs.items()):
            for horizon in ("window", "first_month", "first_quarter"):
                is_young = design == "too_young" or horizon == "first_quarter"
                found = {"before_value": 50, "after_value": 38, "change": -12, "ci_low": -15,
                         "ci_high": -9, "effect": -11}  # fmt: skip
                more = extra if horizon == "window" else {}
                is_own = horizon == "window" and design != "too_young"
                self.add(
                    "fct_impact_estimates", intervention_id=f"planted_{design}",
                    product_id="insight_desk", metric_id="time_to_decision",
                    what_launched=f"Planted launch <{number}> for {design.replace('_', ' ')}",
                    launch_date=WEEKS[CHANGE + number], horizon=horizon,
                    design=design if is_own else "before_after",
                    before_from_date=WEEKS[20], before_to_date=WEEKS[27],
                    after_from_date=WEEKS[46], after_to_date=WEEKS[53],
                    **({"no_value_reason": "not_ripe"} if is_young else found | more),
                )  # fmt: skip

    def limits(self) -> None:
        """Limits that follow a recorded cause and are stale by now."""
        for number, is_stale in ((1, False), (2, True)):
            self.add(
                "fct_limit_segments", product_id="newsroom_cms", metric_id="time_to_publish",
                segment_number=number, start_date=WEEKS[0 if number == 1 else CHANGE],
                limit_state="locked", has_stale_limits=is_stale,
                what_happened="The legal check moved to the template" if number == 2 else None,
            )  # fmt: skip

    def delivery(self) -> None:
        """Two quarters of delivery, of a product and of two services, the latest one cut short."""
        for service, is_product in (
            ("all", True),
            ("a-service-with-a-long-name", False),
            ("b", False),
        ):
            for start, is_complete in ((date(2025, 9, 29), True), (date(2025, 12, 29), False)):
                self.add(
                    "fct_delivery_quarters", product_id="platform_reliability",
                    service_id=service, is_product=is_product, quarter_start_date=start,
                    is_complete=is_complete, observed_weeks=13.0 if is_complete else 9.0,
                    trust_grade="A", deployment_count=1234, remediation_count=3,
                    deployments_per_week=94.9, change_count=900, negative_lead_time_count=0,
                    median_lead_time_hours=30.0, failed_count=12, change_fail_rate=0.0097,
                    route_3_share=0.25, evidence_count=14, unattributed_share=0.071,
                    rework_no_value_reason="kind_not_sent", reverting_count=2,
                    median_recovery_hours=2.5, open_recovery_count=0, mended_only_count=1,
                )  # fmt: skip
