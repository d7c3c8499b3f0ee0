"""What a filter may name: the same in the registry's rules as in the SQL; and notes on the rest."""

import re
import shutil
from pathlib import Path

from orchestration.check import check_workspace
from orchestration.registry.dimensions import (
    FACTS,
    FILTERED_FACTS,
    PARETO_FACTS,
    PARETO_QUANTITIES,
)
from orchestration.registry.document import PROJECT
from orchestration.registry.tables import schema
from orchestration.registry.template import copy_registry
from orchestration.workspace import Workspace

MODELS = PROJECT / "dbt_project" / "models" / "metrics"


def _sql(name: str) -> str:
    return (MODELS / f"{name}.sql").read_text(encoding="utf-8")


def _fact_lists() -> dict[str, tuple[str, ...]]:
    sql = _sql("int_items") + _sql("int_fact_items")
    lists = re.findall(r"set (\w+)_facts = \[(.*?)\]", sql, re.DOTALL)
    found: dict[str, tuple[str, ...]] = {}
    for name, body in lists:
        kind = "iteration_item" if name == "iteration" else name
        found[kind] = tuple(re.findall(r"'(\w+)'", body))
    return found


def _between(text: str, start: str, end: str) -> str:
    return text.split(start, 1)[1].split(end, 1)[0]


def test_the_facts_of_each_kind_are_those_of_the_models() -> None:
    lists = _fact_lists()
    assert {kind: FACTS[kind] for kind in FACTS if kind not in ("event", "task")} == lists


def test_the_kinds_are_those_that_a_measure_may_have() -> None:
    column = next(f for f in schema("measures")["fields"] if f["name"] == "item_kind")
    assert set(column["constraints"]["enum"]) == set(FACTS)


def test_the_facts_of_events_and_tasks_are_those_that_the_models_read() -> None:
    sql = _sql("int_item_dimensions")
    of_tasks = set(re.findall(r"item_kind = 'task' and asked.dimension = '(\w+)'", sql))
    of_all = set(re.findall(r"when asked.dimension = '(\w+)'", sql))
    assert set(FACTS["event"]) == of_all
    tasks = _between(_sql("int_items"), "task_items as (", "session_items as (")
    absent = set(re.findall(r"cast\(null as varchar\) as (\w+)", tasks))
    assert set(FACTS["task"]) == of_tasks | (of_all - absent)
    left_out = re.search(r"not in \((.*?)\)", sql)
    assert left_out is not None
    assert set(FILTERED_FACTS["task"]) == set(re.findall(r"'(\w+)'", left_out[1]))


def test_the_facts_of_pareto_tables_are_those_that_the_model_reads() -> None:
    events, tasks = _sql("int_diagnostic_items").split("union all")
    for kind, text in (("event", events), ("task", tasks)):
        by = _between(text, "case diagnostics.dimension", "end as reason")
        assert set(re.findall(r"when '(\w+)'", by)) == set(PARETO_FACTS[kind])
        amounts = _between(text, "end as reason", "as amount")
        assert set(re.findall(r"when '(\w+)'", amounts)) == set(PARETO_QUANTITIES[kind])


def _notes(home: Path, file: str = "", old: str = "", new: str = "") -> list[str]:
    """Notes on the sample's registry, with `old` replaced by `new` in one file."""
    workspace = Workspace(home)
    copy_registry(PROJECT / "seeds" / "sample", workspace)
    if file:
        path = workspace.seeds / f"{file}.csv"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    checked = check_workspace(workspace)
    assert checked.problems == []
    shutil.rmtree(workspace.seeds)
    return [note.removeprefix(f"{workspace.seeds}/") for note in checked.notes]


def test_a_misspelt_property_of_an_event_is_noted_with_the_one_that_is_meant(
    tmp_path: Path,
) -> None:
    row = "decisions_right,correct,"
    notes = _notes(tmp_path, "measure_filters", row, "decisions_right,corect,")
    assert any(
        n.startswith(
            "measure_filters.csv:2: dimension: 'corect' is in no required_properties of "
            "decision.reviewed (is 'correct' meant?)"
        )
        for n in notes
    ), notes


def test_the_sample_has_few_notes_on_properties(tmp_path: Path) -> None:
    notes = [note for note in _notes(tmp_path) if "required_properties" in note]
    assert 0 < len(notes) <= 10
    assert not any("meant?" in note for note in notes)


def test_more_than_five_undeclared_properties_of_a_file_are_one_note(tmp_path: Path) -> None:
    notes = _notes(tmp_path, "tracking_plan", "minutes", "")
    (note,) = [n for n in notes if n.startswith("measures.csv") and "properties" in n]
    assert "rows name properties that no row of tracking_plan.csv requires" in note


def test_a_metric_that_no_product_shows_is_noted(tmp_path: Path) -> None:
    watched = (PROJECT / "seeds" / "sample" / "watched_metrics.csv").read_text(encoding="utf-8")
    row = next(r for r in watched.splitlines() if r.endswith(",acquisition_rate"))
    notes = _notes(tmp_path, "watched_metrics", row + "\n", "")
    (note,) = [n for n in notes if "no product shows" in n]
    assert re.fullmatch(
        r"metrics.csv:\d+: acquisition_rate: no product shows this metric: "
        r"add it to watched_metrics.csv, kpis, balances or tripwires",
        note,
    )


def test_every_metric_of_the_sample_is_shown(tmp_path: Path) -> None:
    assert not any("no product shows" in note for note in _notes(tmp_path))


def test_many_metrics_that_no_product_shows_are_one_note(tmp_path: Path) -> None:
    text = (PROJECT / "seeds" / "sample" / "watched_metrics.csv").read_text(encoding="utf-8")
    rows = text.partition("\n")[2]
    notes = [n for n in _notes(tmp_path, "watched_metrics", rows, "") if "no product" in n]
    assert len(notes) == 1
    assert re.match(r"metrics.csv: no product shows \d+ metrics: add them to", notes[0])
