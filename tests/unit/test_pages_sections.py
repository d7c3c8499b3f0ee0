"""Folded sections of the scorecard: what a metric is made of, what launches did, old limits."""

import copy
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from orchestration.defs.publish.contracts import read_contracts
from orchestration.defs.publish.publish import write_marts
from orchestration.pages import charts, scorecard
from orchestration.pages.branches import branches_of, latest_pair
from orchestration.pages.charts import Point
from orchestration.pages.figures import MINUS
from orchestration.pages.launches import Launch, launches_of
from orchestration.pages.marts import Marts, Row
from orchestration.pages.notes import segment_note
from orchestration.pages.placing import Sections
from orchestration.pages.words import DESIGNS, EVIDENCE, HORIZONS, NO_ESTIMATE
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import build

PARENT = ("release_platform", "well_packaged_releases")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    workspace = Workspace(tmp_path_factory.mktemp("sections"))
    build(workspace)
    write_marts(workspace.database, workspace.home / "marts.duckdb", read_contracts())
    return Marts.read(workspace.home / "marts.duckdb")


@pytest.fixture
def marts(served: Marts) -> Iterator[Marts]:
    """Marts that a test may change."""
    yield Marts(copy.deepcopy(served.tables))


def cards_with(html: str, words: str) -> list[str]:
    """Cards whose text holds some words."""
    cards = re.findall(r'<article.*?id="kpi-([^"]+)"(.*?)</article>', html, re.DOTALL)
    return [card for card, text in cards if words in text]


def launch(marts: Marts, design: str) -> Launch:
    found = launches_of(marts)[("insight_desk", "time_to_decision")]
    return next(one for one in found if one.design == DESIGNS[design])


def test_parts_of_a_tree_add_up_and_say_when_the_whole_misleads(marts: Marts) -> None:
    branch = branches_of(marts)[PARENT]
    # natural units of the synthetic parent are releases, so no share
    assert branch.total[2:5] == [f"{MINUS}0.11", "+0.05", f"{MINUS}0.16"]
    assert [part.cells[2:5] for part in branch.parts] == [
        [f"{MINUS}0.034", "+0.03", f"{MINUS}0.064"],
        [f"{MINUS}0.076", "+0.02", f"{MINUS}0.096"],
    ]
    assert [part.is_focus for part in branch.parts] == [False, True]
    assert branch.has_opposite_parts
    html = scorecard.render_scorecard(marts)
    assert html.count("read the parts, not the whole") == 1
    for row in marts["fct_tree_contributions"]:
        row["has_opposite_rates"] = False
    assert "read the parts" not in scorecard.render_scorecard(marts)


def pair(grain: str, start: date, reason: str | None = None) -> Row:
    return {"period_grain": grain, "period_start_date": start, "no_value_reason": reason}


def test_the_latest_trusted_pair_of_the_shortest_period_is_shown() -> None:
    long = pair("thirteen_weeks", date(2026, 1, 5))
    old, new = pair("four_weeks", date(2025, 12, 1)), pair("four_weeks", date(2025, 12, 29))
    hidden = pair("four_weeks", date(2026, 1, 26), "withheld")
    assert latest_pair([long, old, new, hidden]) == [new]
    assert latest_pair([long, hidden]) == [long]
    assert latest_pair([hidden]) == [hidden], "the reason is said where nothing can be split"


def test_a_pair_that_cannot_be_split_says_why(marts: Marts) -> None:
    for row in marts["fct_tree_contributions"]:
        row |= {"no_value_reason": "withheld", "contribution": None, "parent_change": None}
    branch = branches_of(marts)[PARENT]
    assert (branch.missing, branch.parts, branch.total) == ("withheld", [], [])


def test_influence_is_about_time_and_never_about_cause(marts: Marts) -> None:
    words = {one["status"]: one["words"] for one in branches_of(marts)[PARENT].influences}
    assert set(words) == set(EVIDENCE.values())
    assert all("moves ahead of" in said for said in words.values())
    assert "by 2 weeks" in words["supported"] and "n = 31" in words["supported"]
    assert "p = 0.004" in words["supported"]
    assert "p =" not in words["not tested yet"] and "needs 26 pairs" in words["not tested yet"]
    assert "but not in the same direction as was expected" in words["contradicted"]
    html = scorecard.render_scorecard(marts)
    section = html[html.index("What it is made of") : html.index("Data of the charts")]
    assert not re.search(r"\b(cause[sd]?|drives?|because)\b", section)


def test_a_placebo_rank_says_when_no_smaller_p_is_possible(marts: Marts) -> None:
    notes = " ".join(launch(marts, "difference_in_differences").notes)
    assert "p = 0.10; no smaller p is possible with 9 controls" in notes
    assert "doubt the effect" in notes
    row = next(r for r in marts["fct_impact_estimates"] if r["p_value"])
    row["p_value"] = 0.2
    notes = " ".join(launch(marts, "difference_in_differences").notes)
    assert "p = 0.20; the smallest possible with 9 controls is 0.10" in notes
    row["p_value"], row["control_count"] = None, 3
    assert "needs at least 5 controls" in " ".join(launch(marts, "difference_in_differences").notes)


def test_only_controls_give_a_p(marts: Marts) -> None:
    for design in ("interrupted_series", "before_after", "deflection"):
        assert "p =" not in " ".join(launch(marts, design).notes)


def test_capacity_value_has_its_range_and_is_not_called_money_saved(marts: Marts) -> None:
    (said,) = [note for note in launch(marts, "deflection").notes if "apacity" in note]
    assert said == "Capacity value, not money saved: 1,380 USD (133 to 2,664 USD)."
    row = next(r for r in marts["fct_impact_estimates"] if r["capacity_value"])
    row |= {"is_value_shown": False, "capacity_value_low": -133}
    (said,) = [note for note in launch(marts, "deflection").notes if "apacity" in note]
    assert said.endswith(f"({MINUS}133 to 2,664 USD); not shown to differ from zero.")


def test_a_launch_has_its_window_month_and_quarter_or_says_why_not(marts: Marts) -> None:
    rows = launch(marts, "deflection").horizons
    assert [row["name"] for row in rows] == list(HORIZONS.values())
    assert [row["reason"] for row in rows] == ["", "", NO_ESTIMATE["not_ripe"]]
    assert [row["effect"] for row in rows[:2]] == [f"{MINUS}11 h", "as the change"]
    young = launches_of(marts)[("insight_desk", "time_to_decision")][-1]
    assert NO_ESTIMATE["not_ripe"] in young.missing
    html = scorecard.render_scorecard(marts)
    assert f"No estimate: {NO_ESTIMATE['not_ripe']}" in html
    assert young.missing.startswith("the weeks after it are not complete yet (compared weeks 20")
    assert young.missing.count("not complete") == 1 and ", first quarter 20" in young.missing


def test_each_section_stands_once_on_the_card_where_it_is_looked_for(marts: Marts) -> None:
    html = scorecard.render_scorecard(marts)
    assert cards_with(html, "What it is made of") == ["release_platform.well_packaged_releases"]
    assert cards_with(html, "What launches did") == ["insight_desk.time_to_decision"]
    assert "&lt;0&gt;" in html and "launch <0>" not in html
    for row in marts["fct_impact_estimates"]:
        row["product_id"] = "nowhere"
    for name in ("fct_tree_contributions", "fct_driver_evidence"):
        marts[name].clear()
    html = scorecard.render_scorecard(Marts(marts.tables))
    assert "What launches did" not in html and "What it is made of:" not in html


def test_a_metric_further_down_the_tree_stands_on_the_card_of_that_tree(marts: Marts) -> None:
    marts["fct_driver_evidence"].append(
        marts["fct_driver_evidence"][0]
        | {"parent_metric_id": "test_coverage", "child_metric_id": "cloud_test_coverage"}
    )
    # the first card has a tree, too
    marts["fct_driver_evidence"].append(
        marts["fct_driver_evidence"][0] | {"parent_metric_id": "time_to_roll_back"}
    )
    sections = Sections(marts)
    names = {
        row["kpi_id"]: [
            branch.metric["metric_id"]
            for branch in sections.of_card(row["kpi_id"], row["product_id"])["branches"]
        ]
        for row in marts.latest_cards
    }
    assert names["release_platform.well_packaged_releases"] == [PARENT[1], "test_coverage"]
    assert names["release_platform.time_to_roll_back"] == ["time_to_roll_back"]
    assert sum(map(len, names.values())) == 3


def test_products_without_a_card_keep_their_sections(marts: Marts) -> None:
    product = {"product_id": "aside", "product_name": "Aside", "registry_line": 99}
    marts["dim_products"].append(product)
    marts["fct_tree_contributions"].append(
        marts["fct_tree_contributions"][0] | {"product_id": "aside"}
    )
    marts["fct_diagnostics"].append(
        marts["fct_diagnostics"][0] | {"product_id": "aside", "diagnostic_id": "x"}
    )
    (other,) = Sections(marts).of_products_without_card()
    assert other["product"] is product
    assert [len(other[name]) for name in ("branches", "launches", "reasons")] == [1, 0, 1]


def test_limits_after_a_recorded_cause_and_stale_limits_say_so(marts: Marts) -> None:
    note = segment_note(marts.segments[("newsroom_cms", "time_to_publish")])
    assert note.startswith("New limits from 2025-11-10: The legal check moved to the template.")
    assert "fired for sixteen periods" in note
    first = marts.segments[("newsroom_cms", "time_to_publish")][:1]
    assert segment_note(first) == segment_note([]) == ""
    assert scorecard.render_scorecard(marts).count("The legal check moved") == 1


def test_a_launch_is_a_line_on_the_chart_of_its_metric() -> None:
    monday = date(2026, 1, 5)
    points = [Point(monday + timedelta(weeks=i), 10.0 + i) for i in range(4)]
    launches = [
        (monday - timedelta(days=1), "before the chart"), (date(2026, 1, 14), "a <new> text"),
        (date(2026, 2, 1), "last day"), (date(2026, 2, 2), "after the chart"),
    ]  # fmt: skip
    assert [index for index, _, _ in charts.launch_positions(points, launches)] == [1, 3]
    svg = charts.process_chart(points, "ratio", "m", "c", launches)
    assert svg.count('class="launch"') == 2
    assert "<title>2026-01-14: a &lt;new&gt; text</title>" in svg
    assert "a &lt;new&gt; text launched 2026-01-14" in svg, "said to those who don't see it, too"
    assert 'class="launch"' not in charts.process_chart(points, "ratio", "m", "c")
