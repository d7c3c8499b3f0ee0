"""What the pages show beside the verdicts: all metrics, early readings, what chance brings."""

import copy
import re

import pytest

from orchestration.defs.publish.contracts import read_contracts
from orchestration.defs.publish.publish import write_marts
from orchestration.pages.instruments import lateness_of, plan_gaps_of
from orchestration.pages.marts import Marts
from orchestration.pages.metrics import metric_row, render_metrics
from orchestration.pages.numbers import recompute, render_numbers, shown_numbers
from orchestration.pages.portfolio import portfolio_of
from orchestration.pages.quality import render_quality
from orchestration.pages.scorecard import card_of, render_scorecard
from orchestration.pages.strips import lateness_curve, spark
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import WEEKS, build


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("pages_metrics"))
    build(workspace)
    return workspace


@pytest.fixture(scope="module")
def served(workspace: Workspace) -> Marts:
    write_marts(workspace.database, workspace.home / "marts.duckdb", read_contracts())
    return Marts.read(workspace.home / "marts.duckdb")


@pytest.fixture
def marts(served: Marts) -> Marts:
    """Marts that a test may change."""
    return Marts(copy.deepcopy(served.tables))


def card(marts: Marts, kpi_id: str) -> dict:
    return card_of(marts, next(row for row in marts.latest_cards if row["kpi_id"] == kpi_id))


def test_every_number_of_a_card_links_to_its_own_section(
    marts: Marts, workspace: Workspace
) -> None:
    numbers = render_numbers(marts, recompute(workspace.database, shown_numbers(marts)))
    links = set(re.findall(r'href="numbers\.html#([^"]+)"', render_scorecard(marts)))
    sections = set(re.findall(r'<article class="subject number" id="([^"]+)"', numbers))
    leads = {f"n-{row['product_id']}-{row['metric_id']}" for row in marts.latest_cards}
    assert leads <= links == sections
    for part in ("Definition", "Value", "Chart", "Verdict", "Trust", "Items", "Landing files"):
        assert numbers.count(f"<dt>{part}") == len(sections)


def test_the_section_tells_the_verdict_that_stands_on_the_card(
    marts: Marts, workspace: Workspace
) -> None:
    shown = next(n for n in shown_numbers(marts) if n.metric_id == "time_to_publish")
    # the value is of the latest complete week, the verdict of the latest one
    assert (shown.first, shown.judged) == (WEEKS[57], WEEKS[59])
    parts = recompute(workspace.database, [shown])[shown]
    assert "traded off: row 4" in parts["Verdict"][0]


def test_a_withheld_value_has_the_last_trusted_one_beside_it_and_a_trusted_one_has_not(
    marts: Marts,
) -> None:
    lead = card(marts, "release_platform.time_to_roll_back")["panels"][0]
    assert lead.latest["value"] == ""
    assert lead.last_trusted == f"Last trusted: 4 h, week of {WEEKS[49]}"
    assert "Last trusted: " in render_scorecard(marts)
    assert card(marts, "insight_desk.time_to_decision")["panels"][0].last_trusted == ""


@pytest.mark.parametrize(("grade", "is_due"), [("D", True), ("C", True), ("D", False)])
def test_a_week_that_is_due_is_spoken_of_before_it_is_complete(
    marts: Marts, grade: str, is_due: bool
) -> None:
    lead, week = "time_to_decision", WEEKS[58]
    for row in marts["fct_metric_trust"]:
        if (row["metric_id"], row["week_start_date"]) == (lead, week):
            row |= {"grade": grade, "reason": "a silent source", "source_id": None}
    for row in marts["fct_metric_values"]:
        if (row["metric_id"], row["period_start_date"]) == (lead, week):
            row |= {"trust_grade": grade, "is_due": is_due, "last_trusted_value": 31.0,
                    "value": 20.0 if grade == "C" else None,
                    "no_value_reason": "withheld" if grade == "D" else None,
                    "last_trusted_period_start_date": WEEKS[57]}  # fmt: skip
    panel = card(marts, "insight_desk.time_to_decision")["panels"][0]
    if not is_due:
        assert panel.latest["is_untrusted"] is False and panel.last_trusted == ""
        return
    words = {"D": "withheld: a silent source", "C": "not to be used: a silent source"}[grade]
    assert panel.latest["reason"].startswith(words)
    assert panel.latest["is_struck"] is (grade == "C")
    assert panel.last_trusted == f"Last trusted: 1.3 days, week of {WEEKS[57]}"
    # nothing that follows a doubtful week is drawn as a reading
    assert "early mark" not in panel.chart
    shown = next(n for n in shown_numbers(marts) if n.metric_id == lead)
    assert shown.first == week


def test_a_card_whose_every_week_is_lost_has_no_last_trusted_value(marts: Marts) -> None:
    for row in marts["fct_metric_values"]:
        if row["metric_id"] == "time_to_decision":
            row |= {"trust_grade": "D", "value": None, "no_value_reason": "withheld",
                    "last_trusted_value": None}  # fmt: skip
    panel = card(marts, "insight_desk.time_to_decision")["panels"][0]
    assert (panel.latest["is_untrusted"], panel.last_trusted) == (True, "")


def test_an_early_reading_is_drawn_apart_and_never_as_a_value(marts: Marts) -> None:
    lead = card(marts, "insight_desk.time_to_decision")["panels"][0]
    assert lead.chart.count('class="early mark"') == 1
    assert "1 early reading of weeks that are not complete, the latest 1.7 days" in lead.chart
    notes = [row["note"] for row in lead.rows if "early reading" in row["note"]]
    assert notes == [
        "early reading, Aalen-Johansen; 2 still open", "early reading, Kaplan-Meier; 9 still open",
    ]  # fmt: skip
    assert lead.rows[-1]["value"] == "25 % finished by an age of 3 days"
    for panel in card(marts, "newsroom_cms.time_to_publish")["panels"]:
        assert "early" not in panel.chart


@pytest.mark.parametrize(
    ("is_ripe", "doubt"),
    [
        (False, {"trust_grade": "C"}),
        (False, {"trust_grade": "D"}),
        (False, {"is_suppressed": True}),
        (True, {"trust_grade": "D"}),
    ],
)
def test_of_a_doubtful_or_hidden_week_no_early_reading_is_shown(
    marts: Marts, is_ripe: bool, doubt: dict
) -> None:
    for row in marts["fct_metric_values"]:
        if row["metric_id"] == "time_to_decision" and row["is_ripe"] == is_ripe:
            row |= doubt
    lead = card(marts, "insight_desk.time_to_decision")["panels"][0]
    assert "early" not in lead.chart + lead.chart_note
    assert not any("early" in row["note"] for row in lead.rows)


def test_all_charts_together_tell_what_chance_alone_would_bring(marts: Marts) -> None:
    portfolio = portfolio_of(marts)
    assert portfolio
    said = " ".join(portfolio["sentences"])
    assert "Of 4 comparisons" in said
    assert "three have p at or below 0.05; chance alone would bring about 0.2." in said
    assert "two differ, and less than one of these may be chance." in said
    assert [row["is_different"] for row in portfolio["rows"]] == [True, True, False, False]
    page = render_scorecard(marts)
    together = page[page.index('id="together"') : page.index('id="how-title"')]
    assert "lift the chance of a false one to about 13 %" in together
    marts.tables["fct_period_comparisons"] = []
    assert 'id="together"' not in render_scorecard(marts)


def test_every_metric_of_every_product_stands_on_the_page_of_all_metrics(marts: Marts) -> None:
    page = render_metrics(marts)
    pairs = {(row["product_id"], row["metric_id"]) for row in marts["fct_metric_values"]}
    assert page.count("<li data-state=") == len(pairs)
    assert page.count("<script>") == 1
    assert "<script src" not in page and "http" not in page


@pytest.mark.parametrize(
    ("product", "metric", "state", "said"),
    [
        ("release_platform", "time_to_roll_back", "doubtful", "withheld"),
        ("newsroom_cms", "error_fixing_share", "signal", "worse side"),
        ("insight_desk", "decision_accuracy", "quiet", "no signal"),
    ],
)
def test_a_metric_row_says_whether_it_can_be_used_and_whether_it_moved(
    marts: Marts, product: str, metric: str, state: str, said: str
) -> None:
    row = metric_row(marts, product, metric, [])
    assert row["state"] == state
    assert said in f"{row['latest']['reason']} {row['signal']}"


def test_gaps_of_the_plan_name_what_waits_and_a_silent_source_is_one_row(marts: Marts) -> None:
    gaps = plan_gaps_of(marts)
    words = {row["event_type"]: (row["words"], row["metrics"]) for row in gaps["rows"]}
    assert words == {
        "draft.approved": ("planned, never seen", "Mean time to publish"),
        "page.retracted": ("planned, not seen for 28 days", ""),
        "draft.sparkled": ("seen, not planned", ""),
        "line.scanned": ("1 planned type, as the source has not sent anything",
                         "Items per active scanning minute"),
    }  # fmt: skip
    page = render_quality(marts)
    assert all(event_type in page for event_type in words)
    marts.tables["fct_plan_gaps"] = []
    assert "All that is planned has been seen" in render_quality(marts)


def test_a_source_later_than_declared_comes_first_and_says_so(marts: Marts) -> None:
    late, in_time = lateness_of(marts)
    assert (late["is_late"], in_time["is_late"]) == (True, False)
    assert late["words"] == "95 % within 3.2 days; declared 1 day"


def test_a_curve_climbs_to_the_right_and_marks_what_is_declared() -> None:
    curve = lateness_curve([(1, 0.5), (24, 0.95)], 24, "late & slow", "l")
    steps = [float(x) for x in re.findall(r"H([\d.]+)V", curve)]
    assert steps == sorted(steps) and len(set(steps)) == 2
    assert f'class="limit" d="M{steps[-1]:.1f} ' in curve
    assert "late &amp; slow" in curve


def test_a_small_trend_breaks_at_gaps_and_is_blank_without_values() -> None:
    assert spark([None, None]) == ""
    assert spark([1, None, 2, 3]).count("M") == 2 > spark([1, 2, 3]).count("M")
    assert spark([5, 5]).count("<circle") == 1


def test_what_can_not_be_believed_stands_before_the_products_with_what_to_mend(
    marts: Marts,
) -> None:
    assert 'class="answers"' not in render_quality(marts)
    rows = [r for r in marts["fct_metric_trust"] if r["metric_id"] == "time_to_roll_back"]
    for row in rows[58:]:
        row |= {key: rows[57][key] for key in ("grade", "reason", "source_id", "repair_hint")}
    page = render_quality(marts)
    first = page[: page.index('id="products"')]
    table = first[first.index('class="answers"') :]
    assert "Time to roll back" in table and "withheld</span>" in table
    assert "send the finish event from the pipeline" in table
    assert table[: table.index("</ul>")].count("<li>") == 1
    assert ">yes</span>" in table


def test_a_broken_promise_of_a_source_is_told_and_kept_ones_are_counted(marts: Marts) -> None:
    page = render_quality(marts)
    assert "2 promises of its contract: 1 broken" in page
    assert "1 promise of its contract: all kept" in page
    assert "<b>desk is filled in</b>" in page
    assert '<p class="seen">A property gone' in page
    told = re.sub("<[^>]+>", "", page)
    assert f"broken since {WEEKS[55]}, in 7\u00a0of 60 weeks" in told


def test_bounds_stand_beside_a_number_whose_finishes_are_missing(marts: Marts) -> None:
    for row in marts["fct_metric_values"]:
        if row["metric_id"] == "time_to_roll_back":
            row |= {"bound_low": 120.0, "bound_high": 600.0}
    lead = card(marts, "release_platform.time_to_roll_back")["panels"][0]
    assert lead.latest["detail"].startswith("with the missing finishes: 2 to 10 h; week of")


def test_small_doubts_of_the_latest_week_are_told_and_take_nothing_away(marts: Marts) -> None:
    assert "used all the same" not in render_quality(marts)
    row = next(
        row
        for row in marts["fct_metric_trust"]
        if row["metric_id"] == "time_to_decision" and row["week_start_date"] == WEEKS[59]
    )
    row |= {"grade": "B", "reason": "events delivered more than once"}
    page = render_quality(marts)
    assert "used all the same: Mean time to decision. Events delivered more than once" in page
    assert 'class="answers"' not in page
