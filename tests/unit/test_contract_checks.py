"""What sources promise is held against what they sent, clause by clause, and costs trust."""

from datetime import date

import pandas as pd
import pytest

from expectations.run import run_suite
from expectations.suites.clauses import CLAUSES
from expectations.suites.sources import source_suite
from orchestration.defs.judge.contract_checks import frame, judged
from orchestration.export.odcs import odcs
from orchestration.registry.source_contracts import EventContract, Property, SourceContract
from tests.unit.mart_world import World

WEEK = date(2026, 6, 1)
EVENT = (
    "source_id varchar, event_type varchar, event_id varchar, product_id varchar, data varchar, "
    "classification varchar, reason varchar, counted_week_start_date date, received_at timestamp, "
    "file_id varchar, line_number bigint, event_number integer"
)
PROMISE = (
    "source_id varchar, event_type varchar, property varchar, property_kind varchar, "
    "is_required boolean"
)


KINDS = {
    "domain": ("text", True), "minutes": ("number", False), "good": ("boolean", False),
    "due_at": ("instant", False), "note": ("text", False),
}  # fmt: skip
"""How each property is read, and whether it is required."""
SEVERITIES = ("pass", "warn", "fail", "block")


def statistic(clause: str, broken: int, of: int = 100, **changes: object) -> dict[str, object]:
    return {
        "source_id": "portal", "event_type": "question.asked", "week_start_date": WEEK,
        "clause": clause, "property": "domain" if "property" in clause else "",
        "event_count": of, "broken_count": broken, "evidence": None,
    } | changes  # fmt: skip


def severities(*rows: dict[str, object]) -> list[int]:
    return list(judged(pd.DataFrame(rows))["severity"])


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.name)
def test_each_clause_is_kept_by_clean_events_and_broken_alone(clause) -> None:
    clean = [statistic(other.name, 0) for other in CLAUSES]
    assert severities(*clean) == [0] * len(CLAUSES)
    broken = [statistic(c.name, 100 if c is clause else 0) for c in CLAUSES]
    assert severities(*broken) == [3 if c is clause else 0 for c in CLAUSES]


@pytest.mark.parametrize(
    ("broken", "of", "severity"),
    [(1, 100, 1), (8, 100, 2), (100, 100, 3), (1, 12, 1), (1, 9, 0), (9, 9, 3)],
)
def test_a_number_is_lost_only_to_an_excess_that_is_no_chance(
    broken: int, of: int, severity: int
) -> None:
    assert severities(statistic("property_type", broken, of)) == [severity]


def test_all_sources_at_once_are_judged_as_each_by_its_own_suite() -> None:
    rows = pd.DataFrame(
        [
            statistic(clause.name, broken, source_id=source)
            for source, broken in (("a", 0), ("b", 8), ("c", 100))
            for clause in CLAUSES
        ]
    )
    together = judged(rows)
    for source, own in rows.groupby("source_id"):
        findings = run_suite(source_suite(str(source)), frame(own))
        worst = max((finding.severity for finding in findings), default=0)
        assert worst == together[together["source_id"] == source]["severity"].max()


def test_every_expectation_says_defect_severity_and_direction() -> None:
    for expectation in source_suite("portal").expectations:
        assert expectation.meta["defect"]
        assert expectation.meta["severity"] in ("warn", "fail", "block")
        assert any(word in expectation.notes for word in ("too low", "too high", "too long"))


def event(number: int, **changes: object) -> dict[str, object]:
    return {
        "source_id": "portal", "event_type": "question.asked", "event_id": str(number),
        "product_id": "desk", "data": '{"domain": "sales", "minutes": 3}',
        "classification": "accepted", "reason": None, "counted_week_start_date": WEEK,
        "received_at": "2026-06-02 08:00:00",
        "file_id": "f", "line_number": number, "event_number": 1,
    } | changes  # fmt: skip


def broken(world: World, *events: dict[str, object]) -> dict[tuple[str, str], tuple]:
    """Return events, broken ones and evidence by clause and property, of clauses with such."""
    world.table("intake.int_events_known", EVENT, list(events))
    world.table("registry.products", "product_id varchar", [{"product_id": "desk"}])
    world.table("registry.sources", "source_id varchar", [{"source_id": "portal"}])
    world.table(
        "registry.run_context", "reporting_time_zone varchar", [{"reporting_time_zone": "UTC"}]
    )
    world.table(
        "registry.contract_properties",
        PROMISE,
        [
            {"source_id": "portal", "event_type": "question.asked", "property": name,
             "property_kind": kind, "is_required": is_required}
            for name, (kind, is_required) in KINDS.items()
        ],
    )  # fmt: skip
    return {
        (row["clause"], row["property"]): (row["event_count"], row["broken_count"], row["evidence"])
        for row in world.run("int_contract_statistics")
        if row["broken_count"]
    }


@pytest.mark.parametrize(
    ("changes", "clause", "counts"),
    [
        ({"data": '{"minutes": 3}'}, ("required_property", "domain"), (3, 1)),
        ({"data": '{"domain": "x", "minutes": "three"}'}, ("property_type", "minutes"), (3, 1)),
        ({"data": '{"domain": "x", "good": "perhaps"}'}, ("property_type", "good"), (1, 1)),
        ({"data": '{"domain": "x", "due_at": "soon"}'}, ("property_type", "due_at"), (1, 1)),
        (
            {"classification": "quarantined", "reason": "mistyped_attribute"},
            ("envelope", ""), (3, 1),
        ),
        ({"classification": "quarantined", "reason": "unparsable_time"}, ("time", ""), (3, 1)),
        (
            {"classification": "duplicate", "reason": "same_id_other_payload"},
            ("unique_id", ""), (3, 1),
        ),
        ({"classification": "duplicate", "reason": "same_id"}, ("delivered_once", ""), (3, 1)),
        ({"product_id": "desks"}, ("known_product", ""), (3, 1)),
    ],
)  # fmt: skip
def test_a_broken_promise_is_counted_under_its_clause_alone(
    world: World, changes: dict[str, object], clause: tuple[str, str], counts: tuple[int, int]
) -> None:  # fmt: skip
    # what was set aside may have no id: its line is named
    evidence = '["f:3:1"]' if changes.get("classification") == "quarantined" else '["3"]'
    found = broken(world, event(1), event(2), event(3, **changes))
    assert found == {clause: (*counts, evidence)}


def test_what_can_be_read_breaks_nothing(world: World) -> None:
    data = '{"domain": "x", "minutes": "3.5", "good": "Yes", "due_at": "2026-06-02T08:00:00+02:00"}'
    assert broken(world, event(1, data=data)) == {}


def test_of_a_type_that_no_plan_names_nothing_is_promised(world: World) -> None:
    unplanned = event(2, classification="quarantined", reason="unknown_type", event_type="new")
    broken(world, event(1), unplanned)
    assert {row["event_type"] for row in world.run("int_contract_statistics")} == {"question.asked"}


def test_a_contract_leaves_with_the_promises_that_are_judged_and_their_limits(
    world: World,
) -> None:
    """Each rule of the export is a row that is judged, broken just above its first limit."""
    contract = SourceContract(
        "portal", "Portal", "desk", "Desk", "cloudevents", None, True, None, None, None,
        (
            EventContract(
                "question.asked", "it is asked", (), tuple(
                    Property(name, kind, is_required)
                    for name, (kind, is_required) in KINDS.items()
                ), None, (),
            ),
        ),
    )  # fmt: skip
    data = '{"domain": "x", "minutes": 3, "good": true, "due_at": "2026-06-02T08:00:00Z"}'
    broken(world, *(event(number, data=data) for number in range(20)))
    rows = world.run("int_contract_statistics")
    told = judged(pd.DataFrame(rows))
    rules = odcs(contract)["schema"][0]["quality"]
    assert sorted(rule["name"] for rule in rules) == sorted(told["expectation"])
    assert list(told["severity"]) == [0] * len(rules)
    for rule in rules:
        (row,) = told[told["expectation"] == rule["name"]].to_dict("records")
        for limit in rule["implementation"]["limits"]:
            share = limit["mustBeLessOrEqualTo"] / 100
            for count, severity in ((share, "below"), (share + 0.001, limit["severity"])):
                found = statistic(row["clause"], round(count * 100_000), 100_000)
                worst = SEVERITIES[
                    max(severities(found | {"property": row["property"]}), default=0)
                ]
                assert (worst == severity) == (severity != "below"), (rule["name"], limit, worst)
