"""What a source sends in all, less the types that are told, leaves no count of hidden people."""

from datetime import date
from typing import Any

import pytest

from orchestration.defs.judge.trust import CHECKS, Checks
from tests.sql import render_model
from tests.unit.mart_world import World

MONDAY = date(2024, 3, 4)
SENT = {
    "portal": {"dataset.used": 30, "page.seen": 70},
    # deliveries befall the same datasets; requests nothing that people are counted by
    "catalogue": {"dataset.delivered": 30, "request.opened": 40},
    # one end of a task that the portal's use begins
    "clock": {"reading.ended": 30, "battery.changed": 50},
    "ledger": {"cost.booked": 20, "invoice.sent": 20},
    # people are counted by the rota, and nothing of it is hidden
    "rota": {"shift.worked": 12, "shop.opened": 60},
}
WHOLE = (9, 10, 18, 20)
COLUMNS = (
    "source_id varchar, event_type varchar, week_start_date date, check_id integer, "
    "check_name varchar, severity integer, statistic double, n bigint, p_value double, "
    "expected double, defect varchar, finding varchar, note varchar, threshold_version integer"
)


def build(world: World, sent: dict[str, dict[str, int]]) -> None:
    """Make one product whose use is hidden, with all that its sources sent in a week."""
    of = {"product_id": "p"}
    types = [(source, kind, n) for source, kinds in sent.items() for kind, n in kinds.items()]
    world.table(
        "metrics.int_source_event_counts",
        "product_id varchar, source_id varchar, event_type varchar, event_count bigint",
        [of | {"source_id": source, "event_type": kind, "event_count": n}
         for source, kind, n in types],
    )  # fmt: skip
    world.table("metrics.int_person_periods_suppressed", "product_id varchar, metric_id varchar",
                [of | {"metric_id": "use"}])  # fmt: skip
    world.table(
        "metrics.int_metric_lineage",
        "product_id varchar, metric_id varchar, source_id varchar, event_type varchar",
        [of | {"metric_id": "use", "source_id": "portal", "event_type": "dataset.used"},
         of | {"metric_id": "shifts", "source_id": "rota", "event_type": "shift.worked"}],
    )  # fmt: skip
    world.table(
        "metrics.int_metric_least_people",
        "metric_id varchar, least_people integer, is_of_people boolean",
        [{"metric_id": name, "least_people": 10, "is_of_people": True}
         for name in ("use", "shifts")],
    )  # fmt: skip
    world.table("registry.active_uses", "product_id varchar, event_type varchar", [])
    world.table(
        "metrics.int_funnel_weeks",
        "product_id varchar, event_type varchar, is_small boolean, match_key varchar", [],
    )  # fmt: skip
    world.table(
        "registry.task_types",
        ", ".join(f"{end} varchar" for end in ("task_type_id", "start_event_type",
                  "finish_event_type", "cancel_event_type", "reopen_event_type")),
        [{"task_type_id": "reading", "start_event_type": "dataset.used",
          "finish_event_type": "reading.ended"}],
    )  # fmt: skip
    world.table("registry.sources", "product_id varchar, source_id varchar",
                [of | {"source_id": source} for source in sent])  # fmt: skip
    world.table("registry.settings", "setting varchar, value varchar", [])
    people = render_model("int_person_event_types")
    world.connection.execute(f"create table metrics.int_person_event_types as {people}")
    checked = [(source, kind, 1, n) for source, kind, n in types]
    checked += [
        (s, "*", check, sum(kinds.values())) for s, kinds in sent.items() for check in WHOLE
    ]
    world.table(
        "guard.instrument_checks", COLUMNS,
        [{"source_id": source, "event_type": kind, "week_start_date": MONDAY, "check_id": check,
          "severity": 2, "statistic": 0.5, "n": n, "expected": 1.0, "defect": "broken"}
         for source, kind, check, n in checked],
    )  # fmt: skip


def rests(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Subtract what is told of a source's types from what is told of all of them, by source."""
    told: dict[str, int] = {}
    for row in rows:
        if row["event_type"] != "*" and row["check_id"] == 1:
            told[row["source_id"]] = told.get(row["source_id"], 0) + (row["n"] or 0)
    return {
        row["source_id"]: row["n"] - told[row["source_id"]]
        for row in rows
        if row["event_type"] == "*" and row["n"] is not None
    }


@pytest.mark.parametrize("few", [False, True], ids=["enough shifts", "few shifts"])
def test_a_source_is_counted_as_a_whole_only_where_all_its_types_are(
    world: World, few: bool
) -> None:  # fmt: skip
    sent = SENT | {"rota": SENT["rota"] | {"shift.worked": 3 if few else 12}}
    build(world, sent)
    rows = world.run("fct_instrument_checks")
    untold = {(row["source_id"], row["event_type"]) for row in rows if row["n"] is None}
    assert {pair for pair in untold if pair[1] != "*"} == {
        ("portal", "dataset.used"), ("catalogue", "dataset.delivered"), ("clock", "reading.ended"),
        *([("rota", "shift.worked")] if few else []),
    }  # fmt: skip
    # the grade stays, and with it what was found
    assert {(row["severity"], row["defect"]) for row in rows} == {(2, "broken")}
    assert rests(rows) == ({"ledger": 0} if few else {"ledger": 0, "rota": 0})
    # whoever had the whole source's count would know
    whole = [row | {"n": sum(sent[row["source_id"]].values())} if row["event_type"] == "*" else row
             for row in rows]  # fmt: skip
    assert rests(whole) == {
        "portal": 30, "catalogue": 30, "clock": 30, "ledger": 0, "rota": 3 if few else 0,
    }  # fmt: skip


@pytest.mark.parametrize("few", [False, True], ids=["enough shifts", "few shifts"])
def test_reasons_give_figures_of_the_same_sources(world: World, few: bool) -> None:
    build(world, SENT | {"rota": SENT["rota"] | {"shift.worked": 3 if few else 12}})
    world.table(
        "guard.contract_checks",
        "source_id varchar, event_type varchar, week_start_date date, clause varchar, "
        "severity integer, event_count bigint, broken_count bigint, defect varchar", [],
    )  # fmt: skip
    rows = world.connection.execute(CHECKS).df()
    checks = Checks(rows[(rows.event_type == "*") & (rows.check_id == 18)])
    reasons = {source: checks.worst(source, MONDAY).reason for source in SENT}
    assert reasons == {
        "portal": "broken, figures hidden", "catalogue": "broken, figures hidden",
        "clock": "broken, figures hidden",
        "ledger": "broken: 20 of 40 events",
        "rota": "broken, figures hidden" if few else "broken: 36 of 72 events",
    }  # fmt: skip
