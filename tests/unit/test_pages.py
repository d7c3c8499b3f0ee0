"""What the pages say: figures, charts, opening sentence, withheld and struck values."""

import copy
import csv
import re
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from orchestration.defs.publish.contracts import MARTS, read_contracts
from orchestration.defs.publish.publish import write_marts
from orchestration.pages import charts, figures, panels, scorecard, summary
from orchestration.pages.charts import Point
from orchestration.pages.marts import Marts
from orchestration.pages.quality import answer_sentence, render_quality, source_of
from orchestration.pages.tripwires import tripwires_of
from orchestration.pages.words import (
    CONVERSATIONS,
    NO_VALUE,
    RULES,
    TONES,
    VERDICT_COUNTS,
    VERDICTS,
)
from orchestration.pages.worsening import worsening_words
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import build
from tests.sql import render

NUMBERS = [
    0, 0.0004, 0.0123, 0.0994, 0.0996, 0.14, 0.5, 0.995, 1, 1.5, 2.349, 9.99, 12.04, 23.9, 24.5,
    25.3, 31, 47.96, 99.9, 100.2, 123.456, 1440, 2880.5, 86400, 1234567,
]  # fmt: skip
UNITS = ["hours", "minutes", "days", "seconds", "%", "share", "ratio", "tickets per user-week",
         "batches", "entries", "people per week", "days late", "euro", "ms", "process"]  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    workspace = Workspace(tmp_path_factory.mktemp("pages"))
    build(workspace)
    write_marts(workspace.database, workspace.home / "marts.duckdb", read_contracts())
    return Marts.read(workspace.home / "marts.duckdb")


@pytest.fixture
def marts(served: Marts) -> Marts:
    """Marts that a test may change."""
    return Marts(copy.deepcopy(served.tables))


@pytest.mark.parametrize("unit", UNITS)
def test_pages_and_readings_say_the_same_figure(unit: str) -> None:
    expression = render("{{ humanise('number', 'unit') }}")
    with duckdb.connect() as connection:
        said = connection.execute(
            f"select {expression} from (select unnest($numbers::double[]) number, $unit unit)",
            {"numbers": [float(n) for n in NUMBERS], "unit": unit},
        ).fetchall()
    assert [row[0] for row in said] == [figures.humanise(n, unit) for n in NUMBERS]


@pytest.mark.parametrize(
    ("number", "unit", "words"),
    [
        (31, "hours", "1.3 days"), (24, "hours", "1 day"), (0.14, "%", "14 %"),
        (0.053, "%", "5.3 %"), (90, "minutes", "1.5 h"), (None, "hours", figures.MISSING),
        (0.21, "tickets per user-week", "0.21 tickets per user-week"),
    ],
)  # fmt: skip
def test_a_value_is_said_in_the_unit_that_people_use(
    number: float | None, unit: str, words: str
) -> None:
    assert figures.humanise(number, unit) == words


def test_a_difference_of_shares_is_in_points() -> None:
    assert figures.difference(0.078, "%") == "+7.8 points"
    assert figures.interval(-0.009, 0.01, "%", signed=True) == f"{figures.MINUS}0.9 to +1 points"


def points(values: list[float | None], **extra: Any) -> list[Point]:
    monday = date(2026, 1, 5)
    return [
        Point(monday + timedelta(weeks=i), value, centre=10.0, **extra)
        for i, value in enumerate(values)
    ]


def test_all_eight_values_of_a_run_are_marked_and_a_value_on_the_line_is_not() -> None:
    series = points([12, 8, 8, 8, 10, 8, 8, None, 8, 8, 8])
    series[-1] = charts.replace(series[-1], run_rule=8, side="favourable")
    marks = charts.mark_signals(series)
    assert [i for i, mark in enumerate(marks) if mark] == [1, 2, 3, 5, 6, 8, 9, 10]


def test_a_limit_that_is_missing_is_not_drawn() -> None:
    with_upper = charts.process_chart(points([9, 11, 10], upper=20.0), "ratio", "m", "c")
    without = charts.process_chart(points([9, 11, 10]), "ratio", "m", "c")
    assert (with_upper.count('class="limit"'), without.count('class="limit"')) == (1, 0)


def test_a_missing_period_breaks_the_line() -> None:
    whole = charts.process_chart(points([9, 11, 10, 12]), "ratio", "m", "c")
    broken = charts.process_chart(points([9, 11, None, 10, 12]), "ratio", "m", "c")
    assert (whole.count('class="value"'), broken.count('class="value"')) == (1, 2)


def test_an_untrusted_value_is_crossed_out_and_never_drawn_as_a_good_one() -> None:
    series = points([9, 11, 10])
    series[1] = charts.replace(series[1], is_struck=True, is_point_rule=True, side="favourable")
    svg = charts.process_chart(series, "ratio", "m", "c")
    assert svg.count('class="struck"') == 1
    assert 'class="value"' not in svg, "no line leads through it"
    assert 'class="favourable"' not in svg and svg.count('class="dot"') == 2


def test_an_unripe_value_is_greyed_and_joined_by_a_dashed_line() -> None:
    series = points([9, 11, 10])
    series[2] = charts.replace(series[2], is_ripe=False)
    svg = charts.process_chart(series, "ratio", "m", "c")
    assert svg.count('circle class="unripe"') == 1 and svg.count('class="value unripe"') == 1


def test_a_chart_says_in_words_what_it_shows() -> None:
    words = charts.chart_words(points([9, 11, 12], upper=20.0), "%")
    assert "centre line 1000 %" in words and "upper limit 2000 %" in words


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.02, 0.09), (3, 3), (0, 0), (-5, 40), (1e4, 9e5)]
)
def test_ticks_are_few_round_numbers(low: float, high: float) -> None:
    ticks = charts.nice_ticks(low, high)
    assert 1 <= len(ticks) <= 5 and ticks == sorted(ticks)


def test_every_verdict_has_words_a_tone_and_a_place_in_the_opening() -> None:
    assert set(VERDICTS) == set(TONES) == set(VERDICT_COUNTS)
    # row 5 is worded in two ways
    assert len(RULES) == len(VERDICTS) - 1


def test_every_verdict_has_a_reading_in_a_conversation_of_the_page() -> None:
    seed = MARTS.parents[2] / "seeds" / "reference" / "ref_readings.csv"
    rows = list(csv.DictReader(seed.open(encoding="utf-8")))
    assert {(row["verdict"], row["has_figures"]) for row in rows} == {
        (verdict, has) for verdict in VERDICTS for has in ("true", "false")
    }
    assert {row["conversation"] for row in rows} == {c.key for c in CONVERSATIONS}


def test_words_accuse_nobody_and_rank_nothing() -> None:
    seed = MARTS.parents[2] / "seeds" / "reference" / "ref_readings.csv"
    said = seed.read_text() + str(VERDICTS) + str(CONVERSATIONS) + str(NO_VALUE)
    for word in ("gam", "cheat", "blame", "worst", "rank", "top ", "fraud", "fault"):
        assert not re.search(rf"\b{word}", said, re.IGNORECASE), word


def test_the_opening_counts_each_kpi_once_and_tells_what_chance_alone_would_bring(
    marts: Marts,
) -> None:
    opening = summary.opening_sentence(marts)
    assert opening.startswith("Of 9 KPIs, one is better and in balance, one better at a price, ")
    assert opening.count(".") == 1
    charts_with_limits, alarms = summary.expected_chance_alarms(marts)
    assert alarms == pytest.approx(0.32 * charts_with_limits)
    assert "chance alone would make about" in summary.chance_sentences(marts)


def test_the_opening_tells_how_many_charts_differ_all_together(marts: Marts) -> None:
    marts.tables["fct_period_comparisons"] = []
    assert "all together" not in summary.chance_sentences(marts)
    marts.tables["fct_period_comparisons"] = [{"is_different": n < 2} for n in range(7)]
    said = summary.chance_sentences(marts)
    assert "two of 7 charts differ in the last eight periods; one in ten" in said


def test_chance_alarms_are_counted_over_the_charts_of_kpis_and_balances_only(marts: Marts) -> None:
    shown = summary.expected_chance_alarms(marts)
    kpi, lead = next(
        (kpi, points)
        for kpi in marts["dim_kpis"]
        for points in [marts.points.get((kpi["product_id"], kpi["metric_id"]))]
        if points and points[-1]["limit_state"] == "locked"
    )
    marts["fct_metric_signals"].extend([dict(row, metric_id="watched_only") for row in lead])
    marts.__dict__.pop("points", None)
    assert summary.expected_chance_alarms(marts) == shown
    marts["dim_kpis"].append(dict(kpi, metric_id="watched_only"))
    assert summary.expected_chance_alarms(marts)[0] == shown[0] + 1


def test_a_products_reasons_stand_once_and_on_its_own_card(marts: Marts) -> None:
    product = "platform_reliability"
    row = {
        "diagnostic_id": "d", "product_id": product, "diagnostic_name": "Causes of incidents",
        "reason_rank": 1, "reason": "<disk>", "is_unknown": False, "amount": 4.0, "item_count": 4,
        "share": 1.0, "unknown_share": 0.0, "amount_of": "items", "trailing_days": 60,
        "no_value_reason": None, "is_coarse": False,
    }  # fmt: skip
    marts["fct_diagnostics"].append(row)
    html = scorecard.render_scorecard(marts)
    assert html.count("Causes of incidents</b>") == 1
    assert "&lt;disk&gt;" in html
    cards = re.findall(r'<article.*?id="kpi-([^"]+)".*?</article>', html, re.DOTALL)
    whole = re.findall(r"<article.*?</article>", html, re.DOTALL)
    (card,) = [c for c, text in zip(cards, whole, strict=True) if "Causes of incidents" in text]
    assert card.startswith(product)


def test_products_without_a_card_keep_their_folded_tables(marts: Marts) -> None:
    marts["dim_products"].append({**marts.products[0], "product_id": "x", "product_name": "Xanadu"})
    marts.__dict__.pop("products", None)
    assert "Xanadu" not in scorecard.render_scorecard(marts)
    marts["fct_diagnostics"].append({**marts["fct_diagnostics"][0], "product_id": "x",
                                     "diagnostic_id": "x"})  # fmt: skip
    html = scorecard.render_scorecard(marts)
    assert html.count("Xanadu") == 1 and "Behind the numbers of products without a KPI" in html


def test_cards_keep_the_order_of_the_registry_within_a_conversation(marts: Marts) -> None:
    order = {row["kpi_id"]: row["registry_line"] for row in marts["dim_kpis"]}
    shown = [row["kpi_id"] for row in marts.latest_cards]
    assert shown == sorted(shown, key=lambda kpi_id: order[kpi_id])


def test_a_withheld_number_is_named_with_its_reason_and_what_to_mend(marts: Marts) -> None:
    html = scorecard.render_scorecard(marts).replace("\u00a0", " ")
    assert "Withheld: finish events are missing for 38 of 61 roll-backs" in html
    assert "To mend: send the finish event from the pipeline" in html


def test_a_value_of_trust_c_is_struck_through_in_the_table(marts: Marts) -> None:
    assert re.search(
        r"<s>[^<]+</s> <span class=\"soft\">\(trust C\)", scorecard.render_scorecard(marts)
    )


def test_a_series_that_ended_says_so(marts: Marts) -> None:
    source = next(s for s in marts["dim_sources"] if s["product_id"] == "platform_reliability")
    marts["dim_metric_sources"].append(
        {
            "product_id": "platform_reliability", "metric_id": "time_to_fix", "side": "start",
            "source_id": source["source_id"], "event_type": "fault.detected",
        }
    )  # fmt: skip
    source["observed_until_at"] = date(2026, 2, 1)
    assert "series ended 2026-02-01" in scorecard.render_scorecard(marts)


def test_the_quality_report_answers_whether_the_week_can_be_believed(marts: Marts) -> None:
    answer = answer_sentence(marts)
    assert answer.startswith("Yes: all 22 metrics of the week of 2026-02-23 stand on sound checks")
    for row in marts["fct_metric_trust"]:
        if row["week_start_date"] == date(2026, 2, 23) and row["metric_id"] == "time_to_publish":
            row["grade"] = "D"
    assert "21 of 22 metrics" in answer_sentence(marts)
    assert "is withheld" in answer_sentence(marts)


def test_the_quality_report_says_which_verdicts_earlier_weeks_withhold(marts: Marts) -> None:
    why = (
        "a verdict goes by its four latest complete periods together, and earlier ones of them "
        "can\u2019t be believed."
    )
    said = f"The scorecard still withholds 1 verdict (Time to roll back): {why}"
    assert answer_sentence(marts).endswith(said)
    page = render_quality(marts)
    subject = page[page.index('id="p-release_platform"') :]
    assert "still withholds 1 verdict" in subject[: subject.index("</article>")]
    assert page.count("still withholds") == 2
    cards = [card for card in marts.latest_cards if card["verdict"] == "untrusted"]
    latest = date(2026, 2, 23)
    # what can't be believed in the latest week itself is told as such
    for row in marts["fct_metric_trust"]:
        if (row["metric_id"], row["week_start_date"]) == (cards[0]["metric_id"], latest):
            row["grade"] = "D"
    assert "still withholds" not in answer_sentence(marts)


def test_what_is_lost_in_the_week_under_way_is_told_as_new_and_not_as_past(marts: Marts) -> None:
    assert "week under way" not in answer_sentence(marts)
    row = next(
        row for row in marts.graded
        if row["week_start_date"] == marts.latest_week and row["grade"] == "A"
    )  # fmt: skip
    week = marts.latest_week + timedelta(weeks=1)
    lost = row | {"week_start_date": week, "grade": "D", "reason": "an id that was reused"}
    changed = Marts(marts.tables | {"fct_metric_trust": [*marts["fct_metric_trust"], lost]})
    words = "Of the week under way 1 metric can\u2019t be believed already."
    assert words in answer_sentence(changed)
    page = render_quality(changed)
    subject = page[page.index(f'id="p-{row["product_id"]}"') :]
    subject = subject[: subject.index("</article>")]
    assert words in subject
    told = subject[: subject.index("An id that was reused")]
    assert "in the week under way" in told[told.rindex("<li") :]


def test_what_comes_from_data_is_escaped(marts: Marts) -> None:
    marts["fct_quarantined_events"][0]["reason_detail"] = "<img src=x onerror=alert(1)>"
    assert "<img" not in render_quality(marts)


def tripwire_of(marts: Marts, **changed: Any) -> dict[str, Any]:
    """The first tripwire of the first card that has one, with its state changed."""
    card = next(c for c in marts.latest_cards if tripwires_of(marts, c))
    state = next(s for s in marts["fct_tripwire_states"] if s["kpi_id"] == card["kpi_id"])
    state.update(changed)
    return tripwires_of(marts, card)[0]


def test_a_tripwire_that_cannot_be_read_is_neither_quiet_nor_at_nought(marts: Marts) -> None:
    told = tripwire_of(marts, state="unknown", observed_value=None, trust_grade="D")
    assert (told["tone"], told["words"]) == ("mend", "can\u2019t be read")
    assert told["observed"] == "Withheld"


def test_a_crossed_tripwire_names_the_week_in_which_it_was_crossed(marts: Marts) -> None:
    week = marts.latest_cards[0]["week_start_date"]
    told = tripwire_of(marts, state="crossed", last_crossed_week_start_date=None)
    assert (told["tone"], told["words"]) == ("worse", f"crossed in the week of {week}")


def test_a_tripwire_without_a_complete_week_says_so_and_is_not_called_withheld(
    marts: Marts,
) -> None:
    told = tripwire_of(marts, state="not_ripe", observed_value=0.0)
    assert told["tone"] == "quiet" and told["words"].startswith("not ripe before 2026-")
    assert told["observed"].startswith("0 ")


@pytest.mark.parametrize(
    ("is_ripe", "value", "start", "end"),
    [(True, 0.0, "0 ", ""), (False, 0.0, "0 ", ", not complete yet"),
     (True, None, "Nothing observed ", "")],
)  # fmt: skip
def test_the_level_of_a_tripwire_is_dated(
    marts: Marts, is_ripe: bool, value: float | None, start: str, end: str
) -> None:
    week = marts.latest_cards[0]["week_start_date"]
    card = next(c for c in marts.latest_cards if tripwires_of(marts, c))
    state = next(s for s in marts["fct_tripwire_states"] if s["kpi_id"] == card["kpi_id"])
    changed = {name: state[name] for name in ("product_id", "metric_id")}
    changed |= {"period_grain": "week", "period_start_date": week, "is_ripe": is_ripe}
    fresh = Marts(marts.tables)
    fresh["fct_metric_values"].append(marts["fct_metric_values"][0] | changed)
    told = tripwire_of(fresh, state="quiet", observed_value=value)["observed"]
    assert told.startswith(start)
    assert told.endswith(f"in the week of {week.isoformat()}{end}")


def test_what_was_declared_and_never_observed_is_listed_as_no_data_yet(marts: Marts) -> None:
    told = tripwire_of(marts, state="no_data", observed_value=None, trust_grade="D")
    assert (told["words"], told["observed"]) == ("no data yet", "Nothing observed so far")
    state = marts["fct_balance_states"][0]
    card = next(c for c in marts.latest_cards if c["kpi_id"] == state["kpi_id"])
    values = [v for v in marts["fct_metric_values"] if v["metric_id"] != state["metric_id"]]
    charts = [v for v in marts["fct_metric_signals"] if v["metric_id"] != state["metric_id"]]
    empty = Marts(marts.tables | {"fct_metric_values": values, "fct_metric_signals": charts})
    state.update(state="unresolved", reason="no_data", difference=None, ci_low=None, ci_high=None)
    panel = panels.balance_panel(empty, card, state)
    assert (panel.state, panel.latest["reason"]) == ("no data yet", "no complete period yet")
    assert panel.margin.startswith("margin ") and "data" not in panel.margin


@pytest.mark.parametrize(
    ("scale", "amount", "low", "high", "said"),
    [
        ("absolute", -0.08, -0.116, -0.041,
         "better by 8 points (90 % interval: 4.1 to 11.6 points better)"),
        ("absolute", 0.017, -0.014, 0.049,
         "worse by 1.7 points (90 % interval: 1.4 points better to 4.9 points worse)"),
        ("absolute", 0.03, 0.01, 0.05, "worse by 3 points (90 % interval: 1 to 5 points worse)"),
        ("absolute", 0.03, 0.0, 0.05, "worse by 3 points (90 % interval: 0 to 5 points worse)"),
        ("absolute", -0.03, -0.05, 0.0, "better by 3 points (90 % interval: 0 to 5 points better)"),
        ("absolute", 0.0, -0.05, 0.05,
         "no difference (90 % interval: 5 points better to 5 points worse)"),
        ("absolute", 0.03, None, None, "worse by 3 points"),
        ("ratio", 0.05, -0.02, 0.12, "worse by 5 % (90 % interval: 2 % better to 12 % worse)"),
    ],
)  # fmt: skip
def test_an_interval_says_better_or_worse_and_not_plus_or_minus(
    scale: str, amount: float, low: float | None, high: float | None, said: str
) -> None:
    state = {"margin_scale": scale, "unit": "%", "difference": amount, "ci_low": low}
    assert worsening_words(state | {"ci_high": high}) == said


def test_a_source_that_never_sent_is_not_graded_but_told_so(marts: Marts) -> None:
    source = marts["dim_sources"][0]
    source["latest_received_at"] = None
    source_id = source["source_id"]
    for table in ("fct_instrument_checks", "fct_source_trust"):
        marts.tables[table] = [row for row in marts[table] if row["source_id"] != source_id]
    told = source_of(marts, source)
    assert (told["has_sent"], told["grade_reason"]) == (False, "has not sent anything yet")
    assert "has not sent anything yet" in render_quality(marts)
