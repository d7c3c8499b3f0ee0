"""What a row that lowers does to weeks that are published, and to those that aren't."""

import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration import suggest
from orchestration.cli import main
from tests.unit.test_trust_overrides import home, lower, restore  # noqa: F401
from tests.unit.test_trust_restore import file, more_metrics  # noqa: F401

FIRST = date(2026, 2, 2)


def publish(home: Path, grades: str, by_hand: str = "", metric: str = "pages") -> None:  # noqa: F811
    """Publish a grade a week of source `editor` and of one metric; capital letters are A to D.

    Of weeks whose letter is small, people lowered the grade for the reason `by_hand`.
    """
    folder = home / "publish"
    folder.mkdir(exist_ok=True)
    contract = {"run_id": "r", "as_of_at": "2026-03-01T12:00:00Z", "code_version": "1"}
    (folder / "contract.json").write_text(json.dumps(contract))
    (folder / "marts.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(folder / "marts.duckdb")) as connection:
        columns = "week_start_date date, grade varchar, reason varchar"
        connection.execute(f"create table fct_source_trust (source_id varchar, {columns})")
        connection.execute(
            f"create table fct_metric_trust (product_id varchar, metric_id varchar, {columns})"
        )
        for number, letter in enumerate(grades):
            reason = f"lowered by hand: {by_hand}" if letter.islower() else "found"
            row = [FIRST + timedelta(weeks=number), letter.upper(), reason]
            connection.execute("insert into fct_source_trust values ('editor', ?, ?, ?)", row)
            connection.execute(
                "insert into fct_metric_trust values ('cms', ?, ?, ?, ?)", [metric, *row]
            )


def listed(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["trust", "list"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "2025-12-01", "--to", "2026-01-26"],
         "editor has no data from the week of 2025-12-01 to that of 2026-01-26. It has data from "
         "the week of 2026-02-02 to that of 2026-02-23: name one of them."),
        (["--from", "2026-06-01"], "the week of 2026-06-01, lies 14 weeks after the latest with "
         "data, that of 2026-02-23. Name a week at most 13 weeks after"),
        (["--from", "2026-02-02", "--to", "2062-02-08"], "Leave --to out: it then holds until"),
    ],
)  # fmt: skip
def test_weeks_before_all_data_or_far_after_it_are_refused_with_the_weeks_that_have_data(
    home: Path, file: Path, words: list[str], said: str, capsys  # noqa: F811
) -> None:  # fmt: skip
    publish(home, "AAAA")
    before = file.read_text()
    assert lower("editor", "--grade", "C", *words, "--reason", "ran twice") == 2
    assert said in capsys.readouterr().err
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-03-02", None, "to that of 2026-02-23: each of these weeks is lowered once it has"),
        ("2026-01-26", None, "Its data begin in the week of 2026-02-02: nothing is lowered before"),
        ("2026-02-02", "2026-03-02", "Its data end in the week of 2026-02-23: later weeks are"),
    ],
)
def test_weeks_without_data_that_may_be_ahead_are_told_what_becomes_of_them(
    home: Path, file: Path, start: str, end: str | None, said: str, capsys  # noqa: F811
) -> None:  # fmt: skip
    publish(home, "AAAA")
    to = ["--to", end] if end else []
    assert lower("editor", "--grade", "C", "--from", start, *to, "--reason", "ran twice") == 0
    assert said in capsys.readouterr().out


def test_before_anything_of_it_is_published_lowering_says_so(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    assert lower("editor", "--grade", "C", "--from", "2026-02-02", "--reason", "ran twice") == 0
    assert "Nothing is published yet, so that it isn't known" in capsys.readouterr().out
    publish(home, "AAAA", metric="views")
    assert lower("cms", "pages", "--grade", "C", "--from", "2026-02-02", "--reason", "x") == 0
    assert "Nothing of it is published yet: each of these weeks is" in capsys.readouterr().out


def test_days_within_a_week_are_echoed_as_they_were_typed_with_their_week(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    words = ["--from", "2026-02-04", "--to", "2026-02-22", "--reason", "ran twice"]
    assert lower("editor", "--grade", "C", *words) == 0
    said = capsys.readouterr().out
    assert (
        "Weeks begin on Mondays: 2026-02-04 lies in the week of 2026-02-02, 2026-02-22 in" in said
    )
    assert restore("2", "--from", "2026-02-11", "--reason", "mended") == 0
    assert "2026-02-11 lies in the week of 2026-02-09." in capsys.readouterr().out
    assert lower("editor", "--grade", "D", "--from", "2026-02-02", "--reason", "worse") == 0
    assert "Mondays" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("grades", "weeks", "said"),
    [
        ("", ("2026-02-02", None), "pending: takes effect with the first refresh"),
        ("AAAA", ("2026-02-02", None), "pending: takes effect with the next refresh"),
        ("ccAD", ("2026-02-02", None), "pending: takes effect with the next refresh"),
        ("AAcc", ("2026-02-16", None), "in effect in all 2 published weeks"),
        ("AAAc", ("2026-02-23", None), "in effect in its one published week"),
        ("ccDC", ("2026-02-02", None), "in effect in 2 of 4 published weeks, in the others it"),
        ("DDCC", ("2026-02-02", None), "without effect: in 4 published weeks the grade is C or"),
        ("AAAA", ("2026-03-02", None), "for weeks to come: its data end in the week of 2026-02-23"),
    ],
)
def test_the_list_tells_what_became_of_each_row(
    home: Path, file: Path, grades: str, weeks: tuple[str, str | None], said: str, capsys  # noqa: F811
) -> None:  # fmt: skip
    if grades:
        publish(home, grades, "ran twice")
    row = ["--grade", "C", "--from", weeks[0], "--reason", "ran twice"]
    assert lower("editor", *row) == 0
    assert f"            {said}" in listed(capsys)
    file.write_text("\n".join(file.read_text().splitlines()[:1]) + "\n")
    assert lower("cms", "pages", *row) == 0
    assert f"            {said}" in listed(capsys)


def test_what_was_taken_back_is_pending_while_its_grade_is_published(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    publish(home, "cccc", "ran twice")
    assert lower("editor", "--grade", "C", "--from", "2026-02-02", "--reason", "ran twice") == 0
    assert restore("2", "--from", "2026-02-16", "--reason", "mended") == 0
    said = "in effect in all 2 published weeks; taking it back takes effect with the next refresh"
    assert said in listed(capsys)
    assert restore("2", "--reason", "never was") == 0
    assert "taken back, which takes effect with the next refresh" in listed(capsys)
    # the same again: what is published is its own
    assert lower("editor", "--grade", "C", "--from", "2026-02-02", "--reason", "ran twice") == 0
    said = listed(capsys)
    assert "            taken back\n" in said and "in effect in all 4 published weeks\n" in said


def test_a_row_that_holds_less_or_longer_is_told_by_which_command_it_is_changed(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    words = ["editor", "--grade", "C", "--reason", "ran twice"]
    assert lower(*words, "--from", "2026-02-02", "--to", "2026-03-16") == 0
    capsys.readouterr()
    for weeks, said in {
        ("2026-02-02", "2026-03-02"): "To end it earlier: `steelyard trust restore 2 --from "
        "2026-03-09 --reason WHY`.\n",
        ("2026-02-09", "2026-03-16"): "To begin it later: `steelyard trust restore 2 --reason "
        "WHY`, then lower it anew.\n",
        ("2026-02-02", "2026-04-06"): "To go on longer, lower it --from 2026-03-23.\n",
    }.items():
        assert lower(*words, "--from", weeks[0], "--to", weeks[1]) == 2
        error = capsys.readouterr().err
        assert error.startswith(
            "line 2 lowers source editor to C already, from the week of 2026-02"
        )
        assert error.endswith(said)
        assert "None" not in error and "_" not in error
    assert lower(*words, "--from", "2026-03-23", "--to", "2026-04-06") == 0
    assert restore("2", "--from", "2026-03-09", "--reason", "mended") == 0


def test_a_metric_of_another_product_or_beside_a_duration_is_refused(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    more_metrics(home)
    row = ["--grade", "C", "--from", "2026-02-02", "--reason", "x"]
    assert lower("chat", "pages", *row) == 2
    said = "'chat' has no metric 'pages', which belongs to cms. Name views.\n"
    assert capsys.readouterr().err == said
    assert lower("cms", "pages_median", *row) == 2
    assert "Lower pages: its mean, median and 90th percentile go along" in capsys.readouterr().err
    # what a metric of the product is derived from is one of its own
    assert lower("cms", "views", *row) == 0


def test_a_row_of_a_metric_that_the_product_lost_is_listed_as_without_effect_and_noted(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    assert lower("cms", "pages", "--grade", "C", "--from", "2026-02-02", "--reason", "x") == 0
    (home / "seeds" / "watched_metrics.csv").write_text("product_id,metric_id\n")
    assert "            without effect: cms has no such metric\n" in listed(capsys)
    assert main(["check"]) == 0
    said = "trust_overrides.csv:2: metric_id: lowers nothing, for cms has no metric 'pages'\n"
    assert said in capsys.readouterr().out
    assert restore("2", "--reason", "it is gone") == 0
    assert main(["check"]) == 0
    assert said not in capsys.readouterr().out


@pytest.mark.parametrize("line", ["abc", "0", "-0", "²", "1.5", ""])
def test_a_line_that_is_none_is_told_in_the_words_of_the_other_messages(
    home: Path, line: str, capsys  # noqa: F811
) -> None:  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main(["trust", "restore", "--reason", "x", "--", line])
    assert left.value.code == 2
    said = f"{line!r} is no line; write a number that `steelyard trust list` shows"
    assert said in capsys.readouterr().err


def test_a_line_that_takes_one_back_is_no_line_to_take_back(
    home: Path, file: Path, capsys  # noqa: F811
) -> None:  # fmt: skip
    assert restore("2", "--reason", "x") == 2
    assert capsys.readouterr().err == "line 2 lowers no grade. No line does.\n"
    assert lower("editor", "--grade", "C", "--from", "2026-02-02", "--reason", "x") == 0
    assert restore("line 2", "--reason", "mended") == 0
    assert restore("3", "--reason", "mended") == 2
    assert "line 3 lowers no grade, it takes line 2 back." in capsys.readouterr().err


def test_suggestions_are_few() -> None:
    import doctest

    assert doctest.testmod(suggest).failed == 0
    many = [f"time_to_{n}" for n in range(40)]
    assert len(suggest.nearest("time_to_x", many)) == 3
    assert suggest.suggestion("quite other", many, "See the page.") == "See the page."
