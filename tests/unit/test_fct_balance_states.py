"""Which balances the mart has, run on small tables."""

from datetime import timedelta

from tests.unit.mart_world import MONDAY, World

REASONS = (
    "trust_reason varchar, trust_source_id varchar, repair_hint varchar, lost_from_date date, "
    "lost_to_date date, is_lost_still boolean, lost_words varchar"
)


BALANCE_FIGURES = (
    *("before_value", "after_value", "before_n", "after_n", "before_numerator"),
    *("before_denominator", "after_numerator", "after_denominator", "before_sd", "after_sd"),
    *("sigma_hat", "widening", "difference", "ci_low", "ci_high", "margin"),
)


def test_a_declared_balance_is_there_before_anything_of_it_was_observed(world: World) -> None:
    key = "product_id varchar, kpi_id varchar, metric_id varchar, week_start_date date"
    later = MONDAY + timedelta(weeks=1)
    weeks = [{"product_id": "cms", "kpi_id": "k", "week_start_date": w} for w in (MONDAY, later)]
    world.table(
        "registry.balances",
        "kpi_id varchar, metric_id varchar, margin double, margin_scale varchar, reason varchar",
        [{"kpi_id": "k", "metric_id": "adoption", "margin": 0.1, "margin_scale": "absolute"}],
    )
    world.table("marts.dim_metrics", "metric_id varchar, unit varchar", [
        {"metric_id": "adoption", "unit": "%"},
    ])  # fmt: skip
    suppressed = "product_id varchar, metric_id varchar, period_start_date date"
    for schema in ("marts", "metrics", "signals"):
        world.table(
            f"{schema}.int_metric_least_people", "metric_id varchar, is_of_people boolean", []
        )
        world.table(f"{schema}.int_metric_periods_suppressed", suppressed, [])
        world.table(
            f"{schema}.int_verdicts", "product_id varchar, kpi_id varchar, week_start_date date",
            weeks,
        )  # fmt: skip
        world.table(
            f"{schema}.int_balance_windows",
            f"{key}, {', '.join(f'{name} double' for name in BALANCE_FIGURES)}, state varchar, "
            "method varchar, reason varchar, before_from_date date, before_to_date date, "
            "after_from_date date, after_to_date date, trust_grade varchar",
            [weeks[1] | {"metric_id": "adoption", "margin": 0.1, "state": "held"}],
        )
    world.table("marts.int_trust_reasons", f"{key}, {REASONS}", [])
    rows = sorted(world.run("fct_balance_states"), key=lambda row: row["week_start_date"])
    told = [(row["state"], row["reason"], row["margin"]) for row in rows]
    assert told == [("unresolved", "no_data", 0.1), ("held", None, 0.1)]
