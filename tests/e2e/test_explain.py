"""`steelyard explain` leads from one number to the lines that make it, and to no person."""

import json
import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import UserError
from orchestration.explain import explain
from orchestration.workspace import Workspace


def latest(workspace: Workspace, condition: str) -> tuple[str, str, date]:
    """Return product, metric and week of the latest served week for which something holds."""
    with duckdb.connect(str(workspace.publish / "marts.duckdb"), read_only=True) as marts:
        rows = marts.execute(
            "select product_id, metric_id, period_start_date"
            " from fct_metric_values join dim_metrics using (metric_id)"
            " where period_grain = 'week' and segment_type = 'all'"
            f" and companion_of_metric_id is null and {condition}"
            " order by period_start_date desc, product_id, metric_id limit 1"
        ).fetchall()
    return rows[0]


def section(text: str, title: str) -> list[str]:
    """Return the lines of one part, without their indent."""
    part = text.split(f"\n{title}\n", 1)[1].split("\n\n", 1)[0]
    return [line.strip() for line in part.splitlines()]


def test_a_duration_is_led_to_the_lines_of_its_longest_tasks(published_sample: Workspace) -> None:
    week = latest(published_sample, "metric_id = 'hands_on_erasure_time' and is_ripe")[2]
    text = explain(
        published_sample, "privacy_desk", "hands_on_erasure_time", week + timedelta(days=3)
    )
    assert f"week of {week}" in text
    assert re.search(r"improved in balance: row 6, the lead improved, every balance", text)
    first = section(text, "Items")[1]
    found = re.match(r"(\S+):(\d+)  started (\S+ \S+), counted ([\d.]+)", first)
    assert found, first
    # the line is the start of that task
    file = published_sample.home / found[1]
    event = json.loads(file.read_text().splitlines()[int(found[2]) - 1])
    assert event["type"] == "erasure.started"
    assert event["time"][:16].replace("T", " ") == found[3]


def test_the_items_of_a_share_are_as_many_as_its_parts(published_sample: Workspace) -> None:
    product, metric, week = latest(
        published_sample,
        "metric_id = 'patch_failure_share' and is_ripe and numerator > 0",
    )
    text = explain(published_sample, product, metric, week)
    numerator, denominator = re.search(r"  (\d+) / (\d+), n = ", text).groups()  # pyright: ignore
    told = [line for line in section(text, "Items") if ": " in line and "together" in line]
    assert [re.search(r"together (\d+)", line)[1] for line in told] == [  # pyright: ignore
        numerator, denominator,
    ]  # fmt: skip
    assert any(line.startswith("landing/cloudevents/") for line in section(text, "Landing files"))


def test_items_of_a_metric_about_people_are_not_listed(published_sample: Workspace) -> None:
    found = latest(published_sample, "metric_id = 'adoption_rate' and value is not null")
    text = explain(published_sample, *found)
    assert section(text, "Items") == ["not listed: the metric is about people"]


def test_of_a_hidden_number_no_part_is_told(published_sample: Workspace) -> None:
    text = explain(published_sample, *latest(published_sample, "is_suppressed"))
    assert section(text, "Value")[0] == "no value: suppressed"
    assert section(text, "Items") == ["not told of a number that is not shown"]
    assert "Landing files" not in text and not re.search(r"n = \d+\n", section(text, "Value")[1])


def test_a_withheld_number_names_the_check_that_lowered_it(published_sample: Workspace) -> None:
    text = explain(published_sample, *latest(published_sample, "trust_grade = 'D'"))
    assert section(text, "Value")[0] == "no value: withheld"
    assert any(" blocks (" in line for line in section(text, "Trust"))


def test_no_person_is_named(published_sample: Workspace) -> None:
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        people = {
            person
            for (person,) in connection.execute(
                "select distinct actor_id from core.int_events where actor_kind = 'human'"
            ).fetchall()
        }
    for metric in ("hands_on_erasure_time", "adoption_rate", "time_to_solve", "error_fixing_share"):
        text = explain(published_sample, *latest(published_sample, f"metric_id = '{metric}'"))
        assert not people & set(re.findall(r"[0-9a-f]{16}", text))


@pytest.mark.parametrize(
    ("product", "metric", "day", "said"),
    [
        ("privacy_dask", "residue_share", date(2026, 3, 2), "there is no product 'privacy_dask'"),
        ("privacy_desk", "residu", date(2026, 3, 2), "'privacy_desk' has no metric 'residu'"),
        ("privacy_desk", "residue_share", date(2036, 3, 3), "'residue_share' has no week of"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(
    published_sample: Workspace, product: str, metric: str, day: date, said: str
) -> None:
    with pytest.raises(UserError, match=said):
        explain(published_sample, product, metric, day)


def test_without_a_publication_there_is_nothing_to_explain(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing has been published"):
        explain(Workspace(tmp_path), "a", "b", date(2026, 3, 2))


def test_the_page_tells_of_a_number_what_the_command_prints(published_sample: Workspace) -> None:
    page = (published_sample.publish / "numbers.html").read_text(encoding="utf-8")
    # dates are kept together by spans of their own
    blocks = re.sub(r"</?(span|code)\b[^>]*>", "", page)
    plain = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", blocks)))
    commands = re.findall(r"steelyard explain ([a-z_]+) ([a-z_0-9]+) (\d{4}-\d\d-\d\d)", plain)
    assert len(commands) > 10
    for product, metric, week in commands:
        text = explain(published_sample, product, metric, date.fromisoformat(week))
        for title in ("Definition", "Value", "Chart", "Trust", "Items"):
            for line in section(text, title):
                assert re.sub(r"\s+", " ", line.replace("`", "")) in plain, (product, metric, line)


def test_no_person_is_named_on_the_page_of_numbers(published_sample: Workspace) -> None:
    page = (published_sample.publish / "numbers.html").read_text(encoding="utf-8")
    with duckdb.connect(str(published_sample.database), read_only=True) as connection:
        people = connection.execute(
            "select distinct actor_id from core.int_events where actor_kind = 'human'"
        ).fetchall()
    assert people and not [person for (person,) in people if person and person in page]
