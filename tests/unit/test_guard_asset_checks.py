"""Dagster shows a check of the guard as passed, failed or, where it judged nothing, not at all."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.defs.judge.checks import INSTRUMENT_CHECKS, contracts_hold, instruments_hold
from orchestration.resources import WorkspaceResource
from orchestration.workspace import Workspace

ROWS = """
    create schema guard; create schema registry;
    create table registry.run_context as select timestamp '2026-06-10 12:00' as as_of_at,
        'Europe/Berlin' as reporting_time_zone;
    create table guard.instrument_checks as
    select * from (values
        (1, 'portal', date '2026-06-01', 0, 'twice'),
        (1, 'editor', date '2026-06-01', 1, 'twice'),
        (4, 'portal', date '2026-06-01', 0, 'orphan'),
        (4, 'editor', date '2026-06-01', 2, 'orphan'),
        (4, 'editor', date '2026-05-25', 3, 'orphan'),
        (4, 'shop', date '2026-05-25', 1, 'orphan'),
        -- judged long ago, and neither found nor passed since
        (20, 'portal', date '2026-04-27', 2, 'gaps')
    ) as t (check_id, source_id, week_start_date, severity, note);
    create table guard.contract_checks as
    select * from (values
        ('time', 'portal', date '2026-06-01', 2, 'page.seen', 'came in time', 'late'),
        ('known_product', 'portal', date '2026-06-01', 0, 'page.seen', 'is of a product', '')
    ) as t (clause, source_id, week_start_date, severity, event_type, expectation, note);
"""


@pytest.fixture
def evaluations(tmp_path: Path, request: pytest.FixtureRequest) -> dict:
    """Return what Dagster keeps of each check of a run, by name."""
    workspace = Workspace(tmp_path)
    workspace.database.parent.mkdir(parents=True)
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute(ROWS)

    @dg.asset(key=["guard", "instrument_checks"])
    def instruments() -> None: ...

    @dg.asset(key=["guard", "contract_checks"])
    def contracts() -> None: ...

    result = dg.materialize(
        [instruments, contracts, instruments_hold, contracts_hold],
        selection=getattr(request, "param", None),
        resources={"workspace": WorkspaceResource(home=str(tmp_path))},
    )
    assert result.success
    found = result.get_asset_check_evaluations()
    assert {e.severity for e in found} == {dg.AssetCheckSeverity.WARN}
    return {
        e.check_name: (e.passed, {name: value.value for name, value in e.metadata.items()})
        for e in found
    }


def test_a_check_passes_that_judged_and_failed_no_source(evaluations: dict) -> None:
    said = {"judged_count": 2, "failed_count": 0, "source_ids": [], "note": ""}
    assert evaluations["redelivery"] == (True, said)


def test_a_check_that_failed_names_sources_and_note(evaluations: dict) -> None:
    said = {"judged_count": 4, "failed_count": 2, "source_ids": ["editor"], "note": "orphan"}
    assert evaluations["orphan_finish"] == (False, said)


def test_a_check_without_anything_to_judge_does_not_pass(evaluations: dict) -> None:
    assert set(evaluations) & set(INSTRUMENT_CHECKS.values()) == {"redelivery", "orphan_finish"}


def test_a_clause_passes_only_where_it_was_judged(evaluations: dict) -> None:
    judged = {name: passed for name, (passed, said) in evaluations.items() if "broken" in said}
    assert judged == {"time": False, "known_product": True}
    assert evaluations["time"][1] == {
        "judged_count": 1, "failed_count": 1, "source_ids": ["portal"],
        "broken": ["page.seen: came in time"], "note": "late",
    }  # fmt: skip


def redelivery_only() -> dg.AssetSelection:
    key = dg.AssetCheckKey(dg.AssetKey(["guard", "instrument_checks"]), "redelivery")
    return dg.AssetSelection.assets(["guard", "instrument_checks"]).without_checks() | (
        dg.AssetSelection.checks(key)
    )


@pytest.mark.parametrize("evaluations", [redelivery_only()], indirect=True, ids=["one of them"])
def test_a_single_check_may_be_asked_for(evaluations: dict) -> None:
    assert set(evaluations) == {"redelivery"}
