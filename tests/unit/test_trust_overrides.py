"""People may lower a grade with a reason, and nothing that they write raises one."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from orchestration.cli import main
from orchestration.defs.judge.trust import Checks, metric_trust, source_trust
from orchestration.defs.judge.trust_overrides import Override, Overrides
from orchestration.registry.validate import validate
from tests.unit.test_trust import EARLIER, WEEK, check, part

GOOD = {
    "products": "product_id,product_name,owner_team\ncms,Newsroom,Web\n",
    "problem_statements": "problem_statement_id,product_id,stakeholder,need,insight\n",
    "sources": "source_id,connector,product_id,source_name\neditor,cloudevents,cms,Editor\n",
    "tracking_plan": "source_id,event_type,trigger,role\neditor,page.published,button,measure\n",
    "measures": "measure_id,description,item_kind,item_type,aggregate,anchor\n"
    "pages,Pages,event,page.published,count,occurred\n",
    "metrics": "metric_id,metric_name,kind,unit,direction,numerator_measure_id,natural_period,"
    "subject_kind,indicator_kind,definition,metric_version\n"
    "pages,Pages,count_rate,pages,up,pages,week,item,health,Pages,1\n",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a workspace with a small registry the one that commands work on."""
    from orchestration.registry.template import write_template
    from orchestration.workspace import Workspace

    workspace = Workspace(tmp_path / "home")
    write_template(workspace)
    for name, text in GOOD.items():
        (workspace.seeds / f"{name}.csv").write_text(text)
    assert validate(workspace.seeds) == []
    monkeypatch.setenv("STEELYARD_HOME", str(workspace.home))
    return workspace.home


def lower(*words: str) -> int:
    try:
        return main(["trust", "lower", *words])
    except SystemExit as error:
        return int(str(error.code))


def override(grade: str, **changes) -> Override:
    row = {"product_id": None, "metric_id": None, "source_id": None, "from_week": WEEK,
           "to_week": None, "reason": "a script ran twice"}  # fmt: skip
    return Override(**{**row, "grade": grade, **changes})


def grades(severity: int, *overrides: Override, week: date = WEEK) -> dict[str, tuple]:
    """Return grade and reason of `m` (of tickets), `other` (of chat) and `sum` of the two."""
    checks = [
        check("tickets", severity, week=w) | {"week_start_date": w} for w in (EARLIER, WEEK)
    ] + [check("chat", 0, week=w) for w in (EARLIER, WEEK)]
    periods = pd.DataFrame([("p", metric_id, week) for metric_id in ("m", "other", "sum")])
    rows = metric_trust(
        Checks(pd.DataFrame(checks), Overrides(list(overrides))),
        pd.DataFrame([part("m", "tickets"), part("other", "chat")]),
        periods,
        {"sum": "m;other"},
        {},
    )
    return {row[1]: (row[3], row[5]) for row in rows}


def test_a_lowered_source_lowers_what_reads_it_and_nothing_else() -> None:
    found = grades(0, override("C", source_id="tickets"))
    said = "lowered by hand: a script ran twice"
    assert found == {"m": ("C", said), "other": ("A", None), "sum": ("C", said)}


def test_what_people_lowered_has_no_hint_of_what_to_replay() -> None:
    checks = pd.DataFrame([check("tickets", 0)])
    lineage, periods = pd.DataFrame([part("m", "tickets")]), pd.DataFrame([("p", "m", WEEK)])
    lowered = Overrides([override("D", source_id="tickets")])
    hints = {"tickets": "replay the outbox"}
    (row,) = metric_trust(Checks(checks, lowered), lineage, periods, {}, hints)
    assert row[3:] == ("D", "tickets", "lowered by hand: a script ran twice", None)


def test_a_lowered_metric_takes_what_is_derived_from_it_along() -> None:
    found = grades(0, override("D", product_id="p", metric_id="other"))
    assert [found[name][0] for name in ("m", "other", "sum")] == ["A", "D", "D"]


def test_a_lowered_product_lowers_all_its_metrics_and_no_other_products() -> None:
    assert {grade for grade, _ in grades(0, override("B", product_id="p")).values()} == {"B"}
    assert {grade for grade, _ in grades(0, override("D", product_id="q")).values()} == {"A"}


def test_nothing_is_raised_where_the_checks_found_worse() -> None:
    found = grades(3, override("B", source_id="tickets"), override("B", product_id="p"))
    assert found["m"][0] == "D"
    assert "by hand" not in str(found["m"][1])


def test_the_worst_of_several_rows_holds() -> None:
    found = grades(0, override("B", source_id="tickets"), override("D", source_id="tickets"))
    assert found["m"][0] == "D"


@pytest.mark.parametrize(
    ("from_week", "to_week", "grade"),
    [(WEEK, None, "A"), (EARLIER, EARLIER, "C"), (EARLIER, WEEK, "C")],
    ids=["begins later", "this week only", "both weeks"],
)
def test_only_the_weeks_named_are_lowered(from_week: date, to_week: date, grade: str) -> None:
    row = override("C", source_id="tickets", from_week=from_week, to_week=to_week)
    assert grades(0, row, week=EARLIER)["m"][0] == grade


def test_a_lowered_source_says_so_in_its_own_grade() -> None:
    checks = Checks(
        pd.DataFrame([check("tickets", 0)]), Overrides([override("D", source_id="tickets")])
    )
    assert source_trust(checks) == [
        ("tickets", WEEK, "D", None, "lowered by hand: a script ran twice")
    ]


def test_the_command_appends_a_row_of_whole_weeks(home: Path, capsys) -> None:
    file = home / "seeds" / "trust_overrides.csv"
    before = file.read_text()
    words = ["--grade", "C", "--from", "2026-02-04", "--to", "2026-02-22", "--reason", "ran, twice"]
    assert lower("editor", *words) == 0
    assert file.read_text() == before + ',,editor,C,2026-02-02,2026-02-16,"ran, twice"\n'
    assert f"{file}:{before.count(chr(10)) + 1}: editor is at best C" in capsys.readouterr().out
    assert lower("cms", "pages", "--grade", "D", "--from", "2026-02-02", "--reason", "x") == 0
    assert file.read_text().endswith("\ncms,pages,,D,2026-02-02,,x\n")
    assert validate(home / "seeds") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["editor", "--grade", "A"], "nothing can be raised"),
        (["nobody", "--grade", "C"], "no product and no source 'nobody'"),
        (["cms", "hits", "--grade", "C"], "'hits' is not in metrics.csv"),
        (["editor", "pages", "--grade", "C"], "A metric belongs to a product"),
        (["editor", "--grade", "C", "--to", "2026-01-01"], "lies before from_week_date"),
        (["editor", "--grade", "C", "--reason", " "], "the reason is blank"),
    ],
)
def test_a_wrong_command_writes_nothing(home: Path, words: list[str], said: str, capsys) -> None:
    before = (home / "seeds" / "trust_overrides.csv").read_bytes()
    assert lower("--from", "2026-02-02", "--reason", "ran twice", *words) == 2
    assert said in capsys.readouterr().err
    assert (home / "seeds" / "trust_overrides.csv").read_bytes() == before


def test_the_same_row_is_not_written_twice(home: Path, capsys) -> None:
    words = ["editor", "--grade", "C", "--from", "2026-02-02", "--reason", "ran twice"]
    assert (lower(*words), lower(*words)) == (0, 2)
    assert "stands in line" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("cms,,editor,C,2026-02-02,,x", "not both"),
        (",,,C,2026-02-02,,x", "not both"),
        (",pages,editor,C,2026-02-02,,x", "needs the product_id"),
        ("cms,,,C,2026-02-03,,x", "2026-02-03 is no Monday"),
        ("cms,,,A,2026-02-02,,x", "'A' is not allowed; allowed: one of B, C, D"),
        ("cms,,,C,2026-02-02,,", "is blank, and required"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(home: Path, row: str, said: str) -> None:
    file = home / "seeds" / "trust_overrides.csv"
    file.write_text(file.read_text() + row + "\n")
    (problem, *_) = validate(home / "seeds")
    assert (problem.file, problem.line) == (file.name, file.read_text().count("\n"))
    assert said in problem.what
