"""Which periods' reason stands beside a grade, run on small tables."""

from datetime import timedelta

import pytest

from tests.unit.mart_world import MONDAY, PERIODS, World, period


@pytest.mark.parametrize(
    ("grade", "chart_grain", "grades", "told", "words"),
    [
        # the latest of the four ripe weeks with that grade, whatever unripe weeks have
        (
            "C",
            "week",
            "ACCADC",
            2,
            "not to be used in the weeks of {1} to {2}: {reason}, {of_week}",
        ),
        ("D", "week", "ADAACC", 1, "withheld in the week of {1}: {reason}"),
        # only what comes later has it: the source fell silent
        ("D", "week", "AAAAAD", 5, "withheld since the week of {5}: {reason}"),
        # weeks in a row are lost together, and those that are not over add nothing
        ("D", "week", "AACDDD", 3, "withheld since the week of {2}: {reason}, {of_week}"),
        # a sound week that is not over yet is no end of it
        ("C", "week", "AAACAA", 3, "not to be used since the week of {3}: {reason}"),
        # fortnights reach further back
        ("C", "fortnight", "CAAAAA", 0, "not to be used in the week of {0}: {reason}"),
        # one reason of all the weeks is of no one of them
        ("D", "week", "ADDDAA", 9, "withheld since the week of {1}: {reason}"),
        ("A", "week", "AAAACC", None, None),
        ("B", "week", "ABAADD", None, None),
    ],
)
def test_the_reason_of_a_grade_is_of_the_periods_that_gave_it(
    world: World, grade: str, chart_grain: str, grades: str, told: int | None, words: str | None
) -> None:
    side = {"product_id": "cms", "metric_id": "adoption", "chart_grain": chart_grain}
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(grades))]
    side |= {"trust_grade": grade, "natural_period": "week", "week_start_date": weeks[5]}
    # weeks 4 and 5 are not over yet
    side["latest_ripe_period_start_date"] = weeks[3] if chart_grain == "week" else weeks[2]
    world.table("registry.kpis", "metric_id varchar", [side])
    world.table("registry.balances", "metric_id varchar", [side])
    world.table("marts.dim_metrics", "metric_id varchar, natural_period varchar", [side])
    of_metric = "product_id varchar, metric_id varchar"
    world.table("guard.chart_points", f"{of_metric}, chart_grain varchar", [side])
    world.table(
        "signals.int_metric_readiness", f"{of_metric}, trust_grade varchar, week_start_date date, "
        "latest_ripe_period_start_date date", [side],
    )  # fmt: skip
    world.table("metrics.int_metric_periods", PERIODS, [
        period(period_start_date=week, is_ripe=number < 4) for number, week in enumerate(weeks)
    ])  # fmt: skip
    world.table(
        "guard.metric_trust", f"{of_metric}, week_start_date date, grade varchar, reason varchar, "
        "repair_hint varchar, source_id varchar, check_id integer",
        [side | {"week_start_date": week, "grade": found,
                 "reason": f"week {9 if told == 9 else number} jo@example.org"}
         for number, (week, found) in enumerate(zip(weeks, grades, strict=True))],
    )  # fmt: skip
    columns = ("trust_reason", "trust_week_start_date", "lost_words")
    found = [tuple(row[name] for name in columns) for row in world.run("int_trust_reasons")]
    if told is None:
        assert found == []
        return
    reason = f"week {told} (address)"
    week = weeks[min(told, 3) if told == 9 else told]
    said = words.format(*weeks, reason=reason, of_week=f"in the week of {week}")
    assert found == [(reason, week, said)]
