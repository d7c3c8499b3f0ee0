"""People may lower a grade with a reason, and nothing that they write raises one."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.cli import main
from orchestration.defs.judge.trust import Checks, metric_trust, source_trust
from orchestration.defs.judge.trust_overrides import Override, Overrides
from orchestration.errors import UserError
from orchestration.registry.load import write_registry
from orchestration.registry.validate import read_registry, validate
from orchestration.trust.reasons import fit_reason
from orchestration.workspace import Workspace
from tests.unit.test_trust import EARLIER, WEEK, check, part, shares

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
    "watched_metrics": "product_id,metric_id\ncms,pages\n",
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
    lineage = [part("m", "tickets"), part("other", "chat")]
    rows = metric_trust(
        Checks(pd.DataFrame(checks), Overrides(list(overrides))),
        pd.DataFrame(lineage),
        shares(lineage),
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
    lineage, periods = [part("m", "tickets")], pd.DataFrame([("p", "m", WEEK)])
    lowered = Overrides([override("D", source_id="tickets")])
    hints = {"tickets": "replay the outbox"}
    rows, sent = pd.DataFrame(lineage), shares(lineage)
    (row,) = metric_trust(Checks(checks, lowered), rows, sent, periods, {}, hints)
    assert row[3:] == ("D", "tickets", "lowered by hand: a script ran twice", None, None, None)


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
    assert file.read_text() == before + ',,editor,C,2026-02-02,2026-02-16,"ran, twice",,\n'
    assert (
        f"{file}:{before.count(chr(10)) + 1}: source editor is at best C" in capsys.readouterr().out
    )
    assert lower("cms", "pages", "--grade", "D", "--from", "2026-02-02", "--reason", "x") == 0
    assert file.read_text().endswith("\ncms,pages,,D,2026-02-02,,x,,\n")
    assert validate(home / "seeds") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["editor", "--grade", "A"], "nothing can be raised"),
        (["nobody", "--grade", "C"], "no product and no source 'nobody'. Name cms or editor."),
        (["cmss", "--grade", "C"], "no product and no source 'cmss'. Did you mean cms?"),
        (["cms", "hits", "--grade", "C"], "'cms' has no metric 'hits'. Name pages."),
        (["cms", "pagse", "--grade", "C"], "'cms' has no metric 'pagse'. Did you mean pages?"),
        (["editor", "pages", "--grade", "C"], "A metric belongs to a product"),
        (
            ["editor", "--grade", "C", "--to", "2026-01-01"],
            "--to 2026-01-01 lies before --from 2026-02-02",
        ),
        (["editor", "--grade", "C", "--reason", " "], "the reason is blank"),
        (["editor", "--grade", "C", "--reason", "\u200b \n"], "the reason is blank"),
        (["editor", "--grade", "C", "--reason", "?" * 9], "the reason is blank"),
        (["editor", "--grade", "C", "--reason", "x" * 301], "has 301 characters, 300 at most"),
        (["editor", "--grade", "C", "--reason", "ask jo@example.org"], "has an e-mail address"),
        (
            ["editor", "--grade", "C", "--reason", "ask jo\uff20example.org"],
            "has an e-mail address",
        ),
        (["editor", "--grade", "C", "--reason", "@jo knows"], "the reason has a handle"),
        (["editor", "--grade", "C", "--reason", "ask jo @ example.org"], "has a handle"),
        (["editor", "--grade", "C", "--reason", "jo(at)example.org"], "has an e-mail address"),
        (["editor", "--grade", "C", "--reason", "call 030/123 45 67"], "like a phone number"),
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
    said = capsys.readouterr().err
    assert "lowers source editor to C already, from the week of 2026-02-02 until mended." in said
    assert "There is nothing to add; `steelyard trust restore " in said


def lowered_weeks(home: Path) -> list[tuple]:
    """Return grade, first and last week of what holds, as a run reads it."""
    with duckdb.connect() as connection:
        write_registry(read_registry(home / "seeds")[0], connection)
        rows = Overrides.read(connection)._rows
    weeks = [(row.grade, f"{row.from_week}", row.to_week and f"{row.to_week}") for row in rows]
    return sorted(weeks, key=str, reverse=True)


def restore(*words: str) -> int:
    return main(["trust", "restore", *words])


def test_what_was_lowered_is_taken_back_by_a_further_row_for_all_weeks_or_later_ones(
    home: Path, capsys
) -> None:
    file = home / "seeds" / "trust_overrides.csv"
    assert lower("editor", "--grade", "C", "--from", "2026-02-02", "--reason", "ran twice") == 0
    assert lower("cms", "--grade", "B", "--from", "2026-02-09", "--reason", "tested") == 0
    before = file.read_text()
    first = before.count("\n") - 1
    assert restore(str(first), "--from", "2026-03-05", "--reason", "replayed") == 0
    assert file.read_text() == before + f",,editor,C,2026-02-02,,replayed,2026-03-02,{first}\n"
    assert lowered_weeks(home) == [("C", "2026-02-02", "2026-02-23"), ("B", "2026-02-09", None)]
    assert "to that of 2026-02-23 only" in capsys.readouterr().out
    assert restore(str(first), "--reason", "the script was none of ours") == 0
    assert lowered_weeks(home) == [("B", "2026-02-09", None)]
    assert validate(home / "seeds") == []
    assert main(["trust", "list"]) == 0
    said = capsys.readouterr().out
    assert "2 grades lowered by hand, 1 of them taken back: 1 in force" in said
    assert f"line {first + 3} took it back for all its weeks: the script was none of ours" in said
    # a step that was wrong itself is undone by lowering again
    assert lower("editor", "--grade", "C", "--from", "2026-02-02", "--reason", "ran twice") == 0
    assert lowered_weeks(home)[0] == ("C", "2026-02-02", None)


def test_what_is_taken_back_gives_the_grade_of_the_checks_and_no_better_one(home: Path) -> None:
    words = ["editor", "--grade", "D", "--from", f"{WEEK}", "--reason", "ran twice"]
    assert lower(*words) == 0
    line = (home / "seeds" / "trust_overrides.csv").read_text().count("\n")
    found = []
    for _ in range(2):
        with duckdb.connect() as connection:
            write_registry(read_registry(home / "seeds")[0], connection)
            lowered = Overrides.read(connection)
        checks = Checks(pd.DataFrame([check("editor", 2)]), lowered)
        found.append(source_trust(checks)[0][2])
        restore(str(line), "--reason", "it didn't")
    assert found == ["D", "C"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["1"], "line 1 lowers no grade. `steelyard trust list` shows"),
        (
            ["LINE", "--from", "2026-03-01"],
            "to that of 2026-02-16, and --from 2026-03-01 lies after",
        ),
        (
            ["LINE", "--from", "2026-01-01"],
            "to that of 2026-02-16, and --from 2026-01-01 lies before",
        ),
        (["LINE", "--reason", " "], "the reason is blank"),
        (["LINE", "--reason", "first, ask jo@example.org"], "has an e-mail address"),
    ],
)
def test_what_cannot_be_taken_back_writes_nothing(
    home: Path, words: list[str], said: str, capsys
) -> None:
    file = home / "seeds" / "trust_overrides.csv"
    weeks = ["--from", "2026-02-02", "--to", "2026-02-16"]
    assert lower("editor", "--grade", "C", *weeks, "--reason", "ran twice") == 0
    before = file.read_text()
    words = [word.replace("LINE", f"{before.count(chr(10))}") for word in words]
    assert restore("--reason", "mended", *words) == 2
    assert said in capsys.readouterr().err
    assert file.read_text() == before


def test_a_file_of_before_is_told_which_column_it_needs(home: Path, capsys) -> None:
    file = home / "seeds" / "trust_overrides.csv"
    header = "product_id,metric_id,source_id,grade,from_week_date,to_week_date,reason"
    file.write_text(f"{header}\n,,editor,C,2026-02-02,,ran twice\n")
    assert lowered_weeks(home) == [("C", "2026-02-02", None)]
    assert restore("2", "--reason", "mended") == 2
    said = capsys.readouterr().err
    assert "no column restored_from_week_date and no restored_line yet" in said
    assert "2 commas to each row" in said


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("BAA", "By what is published the grade is then B in the 3 published weeks."),
        ("ACD", "2 of 3 published weeks keep C or D, the others B; the latest, that of "
                "the week of 2026-02-16, is D: bad."),
        ("", "It has data of the week of 2026-01-26 alone: each of these weeks is lowered once"),
    ],
)  # fmt: skip
def test_lowering_says_what_the_grade_is_then(home: Path, found: str, said: str, capsys) -> None:
    (home / "publish").mkdir()
    with duckdb.connect(str(home / "publish" / "marts.duckdb")) as connection:
        connection.execute(
            "create table fct_source_trust (source_id text, week_start_date date, grade text, "
            "reason text)"
        )
        for week, grade in enumerate("D" + found):
            day = date(2026, 1, 26) + timedelta(weeks=week)
            connection.execute(
                "insert into fct_source_trust values ('editor', ?, ?, 'bad')", [day, grade]
            )
    assert lower("editor", "--grade", "B", "--from", "2026-02-02", "--reason", "ran twice") == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("cms,,editor,C,2026-02-02,,x,,", "not both"),
        (",,,C,2026-02-02,,x,,", "not both"),
        (",pages,editor,C,2026-02-02,,x,,", "needs the product_id"),
        ("cms,,,C,2026-02-03,,x,,", "2026-02-03 is no Monday"),
        ("cms,,,A,2026-02-02,,x,,", "'A' is not allowed; allowed: one of B, C, D"),
        ("cms,,,C,2026-02-02,,,,", "is blank, and required"),
        ("cms,,,C,2026-02-02,,x,2026-02-02,", "takes nothing back: no row above"),
        ("cms,,,C,2026-02-02,,x,2026-02-03,", "2026-02-03 is no Monday"),
        ("cms,,,C,2026-02-02,,x,,2", "must be blank in a row that takes none back"),
        ("cms,,,C,2026-02-02,,x,2026-02-02,2", "takes nothing back: line 2 is no row above"),
    ],
)
def test_a_wrong_row_is_named_with_file_and_line(home: Path, row: str, said: str) -> None:
    file = home / "seeds" / "trust_overrides.csv"
    file.write_text(file.read_text() + row + "\n")
    (problem, *_) = validate(home / "seeds")
    assert (problem.file, problem.line) == (file.name, file.read_text().count("\n"))
    assert said in problem.what


@pytest.mark.parametrize(
    "reason",
    [
        "jo [at] example [dot] org", "jo AT example dot org", "ask jo (\u00e4t) example.org",
        "call +49 171 2345678", "(030) 1234567", "0171/2345678", "555-123-4567", "0049 30 123456",
    ],
)  # fmt: skip
def test_a_reason_by_which_a_person_can_be_reached_is_refused(tmp_path: Path, reason: str) -> None:
    with pytest.raises(UserError, match=r"e-mail address|phone number") as refused:
        fit_reason(Workspace(tmp_path), reason)
    assert reason not in str(refused.value)


@pytest.mark.parametrize(
    "reason",
    [
        "ran twice from 2026-03-02 to 2026-03-16", "off from 02.03.2026 to 16.03.2026, 08:00",
        "run 20260302120000 failed at api.example.org", "1,234,567 of 100 000 000 lines",
        "release 2.0.1-2026.03 sent 0.0012345678 of them", "2 @ 3", "the map (at) work",
        "ticket INC0012345",
    ],
)  # fmt: skip
def test_days_counts_hosts_and_versions_are_no_person(tmp_path: Path, reason: str) -> None:
    assert fit_reason(Workspace(tmp_path), reason) == reason


def test_who_gives_a_reason_is_told_that_names_are_not_recognised(home: Path, capsys) -> None:
    words = ["editor", "--grade", "C", "--from", "2026-02-02", "--reason", "Jo forgot the switch"]
    assert lower(*words) == 0
    assert "No check knows people's names: see that it has none." in capsys.readouterr().out
