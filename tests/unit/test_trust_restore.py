"""What is taken back is the line that was asked for, and what else holds is told."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.registry.validate import validate
from tests.unit.mart_world import World
from tests.unit.test_trust_overrides import GOOD, home, lower, lowered_weeks, restore  # noqa: F401

UNTIL_MENDED = ["editor", "--grade", "C", "--from", "2026-03-02", "--reason", "ran twice"]
HEADER = "product_id,metric_id,source_id,grade,from_week_date,to_week_date,reason"


@pytest.fixture
def file(home: Path) -> Path:  # noqa: F811
    """Begin the file with nothing but its header, so that the first row is in line 2."""
    path = home / "seeds" / "trust_overrides.csv"
    path.write_text(f"{HEADER},restored_from_week_date,restored_line\n")
    return path


def test_the_line_that_was_asked_for_is_taken_back_and_no_equal_one(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    assert lower(*UNTIL_MENDED) == 0
    assert restore("2", "--from", "2026-04-06", "--reason", "mended") == 0
    assert lower(*UNTIL_MENDED) == 0
    assert lowered_weeks(home) == [("C", "2026-03-02", None), ("C", "2026-03-02", "2026-03-30")]
    capsys.readouterr()
    assert restore("2", "--from", "2026-03-16", "--reason", "earlier") == 0
    said = capsys.readouterr().out
    assert "line 2, by which source editor is at best C, holds from the week of 2026-03-02" in said
    assert "to that of 2026-03-09 only" in said
    assert "line 4    source editor at best C from the week of 2026-03-02 until mended" in said
    assert lowered_weeks(home) == [("C", "2026-03-02", None), ("C", "2026-03-02", "2026-03-09")]
    assert restore("4", "--from", "2026-03-23", "--reason", "mended again") == 0
    assert lowered_weeks(home)[0] == ("C", "2026-03-02", "2026-03-16")
    assert file.read_text().endswith("earlier,2026-03-16,2\n" + (
        ",,editor,C,2026-03-02,,mended again,2026-03-23,4\n"
    ))  # fmt: skip
    assert validate(home / "seeds") == []


@pytest.mark.parametrize(
    ("back", "again", "said"),
    [
        (["--from", "2026-04-06"], ["--from", "2026-04-06"], "from the week of 2026-04-06 on"),
        (["--from", "2026-04-06"], ["--from", "2026-05-04"], "from the week of 2026-04-06 on"),
        ([], [], "for all its weeks"),
        ([], ["--from", "2026-04-06"], "for all its weeks"),
    ],
)
def test_what_was_taken_back_from_an_earlier_week_is_refused_and_no_equal_line_touched(
    home: Path, file: Path, back: list[str], again: list[str], said: str, capsys  # noqa: F811
) -> None:  # fmt: skip
    assert lower(*UNTIL_MENDED) == 0
    assert restore("2", *back, "--reason", "mended") == 0
    assert lower(*UNTIL_MENDED) == 0
    before = file.read_text()
    assert restore("2", *again, "--reason", "mended") == 2
    assert f"line 3 took it back already, {said}" in capsys.readouterr().err
    assert file.read_text() == before
    assert lowered_weeks(home)[0] == ("C", "2026-03-02", None)


def test_a_row_that_names_no_line_takes_back_the_latest(home: Path, file: Path) -> None:  # noqa: F811
    row = ",,editor,C,2026-03-02,"
    rows = [f"{row},one,", f"{row},two,2026-04-06", f"{row},three,", f"{row},four,2026-03-16"]
    file.write_text("\n".join([f"{HEADER},restored_from_week_date", *rows]) + "\n")
    assert validate(home / "seeds") == []
    assert sorted(week for _, _, week in lowered_weeks(home)) == ["2026-03-09", "2026-03-30"]


def test_a_line_that_another_row_moved_to_is_no_row_to_take_back(home: Path, file: Path) -> None:  # noqa: F811
    assert lower(*UNTIL_MENDED) == 0
    assert lower("cms", "--grade", "D", "--from", "2026-03-02", "--reason", "tested") == 0
    assert restore("3", "--reason", "mended") == 0
    head, *rows = file.read_text().splitlines()
    file.write_text("\n".join([head, "# a note", *rows]) + "\n")
    (problem,) = validate(home / "seeds")
    assert (problem.line, problem.column) == (5, "restored_line")
    assert "line 3 is no row above with the same" in problem.what


OTHERS = {
    "the product": (["cms"], "product cms"),
    "a metric of the product": (["cms", "pages"], "pages of cms"),
    "the source": (["editor"], "source editor"),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("mine", [["cms"], ["cms", "pages"], ["editor"]], ids=" ".join)
def test_restoring_names_every_row_that_goes_on_to_hold(
    home: Path, file: Path, mine: list[str], other: str, capsys  # noqa: F811
) -> None:  # fmt: skip
    words, name = OTHERS[other]
    assert lower(*mine, "--grade", "C", "--from", "2026-03-02", "--reason", "ran twice") == 0
    assert lower(*words, "--grade", "D", "--from", "2026-04-06", "--reason", "tested") == 0
    capsys.readouterr()
    assert restore("2", "--from", "2026-03-16", "--reason", "mended") == 0
    said = capsys.readouterr().out
    assert "the worst of what the checks say and of what goes on to hold:\n" in said
    assert f"line 3    {name} at best D from the week of 2026-04-06 until mended\n" in said


@pytest.mark.parametrize(("grade", "is_told"), [("B", True), ("C", True), ("D", False)])
def test_lowering_names_rows_that_lower_it_further_though_nothing_is_published(
    home: Path, file: Path, grade: str, is_told: bool, capsys  # noqa: F811
) -> None:  # fmt: skip
    assert lower("cms", "--grade", "D", "--from", "2026-04-06", "--reason", "tested") == 0
    capsys.readouterr()
    words = ["--from", "2026-03-02", "--reason", "ran twice"]
    assert lower("cms", "pages", "--grade", grade, *words) == 0
    named = "further in weeks of theirs:\n  line 2    product cms at best D"
    assert (named in capsys.readouterr().out) == is_told


@pytest.mark.parametrize(
    ("words", "weeks", "is_told"),
    [
        (["cms"], ("2026-03-02", "2026-03-09"), False),
        (["cms"], ("2026-03-02", "2026-03-16"), True),
        (["cms"], ("2026-03-30", "2026-04-20"), True),
        (["cms"], ("2026-04-06", "2026-04-20"), False),
        (["cms", "views"], ("2026-03-16", "2026-03-16"), False),
        (["cms", "ratio"], ("2026-03-16", "2026-03-16"), False),
        (["chat"], ("2026-03-16", "2026-03-16"), False),
        (["bot"], ("2026-03-16", "2026-03-16"), False),
    ],
)
def test_only_rows_of_the_weeks_and_of_what_was_taken_back_are_named(
    home: Path, file: Path, words: list[str], weeks: tuple[str, str], is_told: bool, capsys  # noqa: F811
) -> None:  # fmt: skip
    more_metrics(home)
    mine = ["--grade", "C", "--from", "2026-03-02", "--to", "2026-03-30", "--reason", "ran twice"]
    assert lower("cms", "pages", *mine) == 0
    start, end = weeks
    assert lower(*words, "--grade", "D", "--from", start, "--to", end, "--reason", "tested") == 0
    capsys.readouterr()
    assert restore("2", "--from", "2026-03-16", "--reason", "mended") == 0
    said = capsys.readouterr().out
    assert ("line 3 " in said) == is_told
    assert ("The grade is then what the checks say. It takes" in said) == (not is_told)


def test_a_parent_that_goes_on_to_be_lowered_is_named_for_what_is_derived_from_it(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    more_metrics(home)
    for metric in ("ratio", "views"):
        words = ["--grade", "D", "--from", "2026-03-02", "--reason", "tested"]
        assert lower("cms", metric, *words) == 0
    capsys.readouterr()
    assert restore("2", "--reason", "mended") == 0
    assert "line 3    views of cms at best D" in capsys.readouterr().out


def more_metrics(home: Path) -> None:  # noqa: F811
    """Add another metric, one derived from both, and another product with a source."""
    texts = {
        "products": GOOD["products"] + "chat,Chat,Web\n",
        "sources": GOOD["sources"] + "bot,cloudevents,chat,Bot\n",
        "metrics": GOOD["metrics"].replace("metric_version", "metric_version,derived_operator,"
                                           "derived_metric_ids").replace(",1\n", ",1,,\n")
        + "views,Views,count_rate,pages,up,pages,week,item,health,Views,1,,\n"
        "ratio,Ratio,derived,pages,up,,week,item,health,Ratio,1,ratio,pages;views\n",
    }  # fmt: skip
    texts["watched_metrics"] = GOOD["watched_metrics"] + "cms,ratio\nchat,views\n"
    for name, text in texts.items():
        (home / "seeds" / f"{name}.csv").write_text(text)
    assert validate(home / "seeds") == []


@pytest.mark.parametrize("model", ["fct_metric_trust", "fct_source_trust"])
def test_an_address_in_a_reason_is_not_served(world: World, model: str) -> None:
    row = {"week_start_date": date(2026, 3, 2), "grade": "C",
           "reason": "lowered by hand: first, ask jo@example.org"}  # fmt: skip
    world.table(
        "guard.metric_trust", "product_id varchar, metric_id varchar, week_start_date date, "
        "grade varchar, source_id varchar, reason varchar, repair_hint varchar, "
        "catch_up_hint varchar, check_id integer", [row],
    )  # fmt: skip
    world.table(
        "guard.source_trust", "source_id varchar, week_start_date date, grade varchar, "
        "worst_check_id integer, reason varchar", [row],
    )  # fmt: skip
    (found,) = world.run(model)
    assert found["reason"] == "lowered by hand: first, ask (address)"
