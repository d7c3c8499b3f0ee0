"""Which numbers of checks the mart does not tell, run on small tables."""

from datetime import timedelta

from orchestration.defs.judge.trust import CHECKS, Checks
from tests.unit.mart_world import MONDAY, World

FINDING = "`minutes` about 60 times smaller than usual"


def test_checks_and_reasons_do_not_count_what_people_of_hidden_figures_did(world: World) -> None:
    types = [
        {"source_id": "app", "event_type": "used", "least_people": 5, "is_hidden": True},
        {"source_id": "app", "event_type": "*", "least_people": 5, "is_hidden": True},
        {"source_id": "site", "event_type": "used", "least_people": 5, "is_hidden": False},
    ]
    world.table(
        "metrics.int_person_event_types",
        "source_id varchar, event_type varchar, least_people integer, is_hidden boolean", types,
    )  # fmt: skip
    asked = [("app", "used", 1, 50), ("app", "scanned", 1, 3), ("app", "*", 11, 50),
             ("site", "used", 1, 4), ("site", "used", 2, 5), ("app", "used", 12, 50)]  # fmt: skip
    later = [("site", "used", 1, 5), ("site", "used", 2, 6)]
    world.table(
        "guard.instrument_checks",
        "source_id varchar, event_type varchar, week_start_date date, check_id integer, "
        "check_name varchar, severity integer, statistic double, n bigint, p_value double, "
        "expected double, defect varchar, finding varchar, note varchar, threshold_version integer",
        [
            {"source_id": source, "event_type": kind, "week_start_date": week,
             "check_id": check, "severity": 2, "statistic": 0.5, "n": n, "p_value": 0.1,
             "expected": 0.2, "defect": "twice", "finding": FINDING}
            for week, rows in ((MONDAY, asked), (MONDAY + timedelta(weeks=1), later))
            for source, kind, check, n in rows
        ],
    )  # fmt: skip
    every = world.run("fct_instrument_checks")
    rows = [row for row in every if row["week_start_date"] == MONDAY]
    assert [row["n"] for row in every if row not in rows] == [5, 6]
    findings = {(row["event_type"], row["check_id"]): row["finding"] for row in rows}
    assert findings["used", 12] == "`minutes`" and findings["used", 1] is None
    assert findings["scanned", 1] == FINDING
    served = {
        (row["source_id"], row["event_type"], row["check_id"]):
            (row["n"], row["statistic"], row["p_value"], row["expected"], row["severity"])
        for row in rows
        if row["check_id"] != 12
    }  # fmt: skip
    nothing = (None, None, None, None, 2)
    assert served == {
        ("app", "used", 1): nothing,
        ("app", "scanned", 1): (3, 0.5, 0.1, 0.2, 2),
        # days of silence count nobody
        ("app", "*", 11): (None, 0.5, None, 0.2, 2),
        ("site", "used", 1): nothing,
        # what one check hides of a type and week, no other tells
        ("site", "used", 2): nothing,
    }
    world.table(
        "guard.contract_checks",
        "source_id varchar, event_type varchar, week_start_date date, clause varchar, "
        "severity integer, event_count bigint, broken_count bigint, defect varchar", [],
    )  # fmt: skip
    checks = Checks(world.connection.execute(CHECKS).df())
    assert checks.worst("app", MONDAY, "used").reason == "twice (used), figures hidden"
    reason = checks.worst("app", MONDAY, "scanned").reason
    assert reason == f"{FINDING} (scanned): 2 of 3 received events"
