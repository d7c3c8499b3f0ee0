"""The quality report says what is believed with a warning, and gives figures their unit."""

import html
import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orchestration.defs.judge.trust_reasons import figures
from orchestration.pages.findings import figure_words, findings_of, of_metric, warnings_of
from orchestration.pages.marts import Marts
from orchestration.pages.panels import balance_panel, latest_words
from orchestration.pages.quality import (
    answer_sentence,
    grade_table,
    render_quality,
    set_aside_places,
    set_aside_sentence,
    share_words,
    source_of,
)
from orchestration.pages.render import kept_together
from orchestration.pages.scorecard import compared_words
from orchestration.pages.tripwires import tripwires_of
from tests.unit.test_pages import marts, served  # noqa: F401
from tests.unit.test_pair_trust import LEAD, lower

LATEST = date(2026, 2, 23)
BEFORE = LATEST - timedelta(weeks=1)


def lines(page: str) -> str:
    """The page as a reader sees it."""
    page = re.sub(r"(?s)<style>.*?</style>|<svg.*?</svg>", "", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_answer_tells_how_many_metrics_are_believed_with_a_warning(
    marts: Marts,  # noqa: F811
) -> None:
    lower(marts, LEAD, "B", LATEST)
    told = answer_sentence(marts)
    assert told.startswith(
        "Yes: all 22 metrics of the week of 2026-02-23 can be believed, 1 of them with a warning."
    )
    now, year = grade_table(marts)
    assert now["counts"] == ["21", "1", "0", "0"]
    assert year["counts"][1] != "0"
    page = lines(render_quality(marts))
    assert re.search(r"yes, with warnings Insight desk 1 of \d", page)
    assert "A: believed B: believed, with a warning C: struck through" in page
    lower(marts, LEAD, "A", LATEST)
    assert "stand on sound checks" in answer_sentence(marts)


def test_a_share_says_nothing_or_all_only_where_it_is_so() -> None:
    assert share_words(1, 15_000) == "< 0.1 %"
    assert share_words(14_999, 15_000) == "> 99 %"
    assert (share_words(0, 5), share_words(5, 5)) == ("0 %", "100 %")


def test_what_is_wholly_withheld_is_called_so_where_other_metrics_are_believed(
    marts: Marts,  # noqa: F811
) -> None:
    lower(marts, LEAD, "D", LATEST)
    page = lines(render_quality(marts))
    assert re.search(r"withheld Insight desk 1 of its \d metrics Mean time to decision", page)
    assert re.search(r"in part Insight desk 1 of \d lost \.", page)


def test_a_product_of_which_nothing_can_be_believed_is_said_so_before_all_else(
    marts: Marts,  # noqa: F811
) -> None:
    metrics = {metric for product, metric in marts.trust if product == "insight_desk"}
    for metric in metrics:
        lower(marts, metric, "D", LATEST)
    page = lines(render_quality(marts))
    found = re.search(rf" no Insight desk {len(metrics)} of {len(metrics)} lost \.", page)
    assert found
    assert found.start() < page.index("To mend:")


def test_this_week_is_said_with_its_days(marts: Marts) -> None:  # noqa: F811
    page = lines(render_quality(marts))
    assert "That of 2026-02-23 to 2026-03-01 , the last whole one." in page
    assert "can be believed in the week of 2026-02-23" in page
    assert "in the latest week" not in page


def check(week: date, severity: int, **changed: Any) -> dict[str, Any]:
    return {
        "source_id": "s", "event_type": "release.made", "week_start_date": week, "check_id": 11,
        "check_name": "silence_and_volume", "severity": severity, "statistic": 0.5, "n": 5,
        "p_value": 0.0001, "expected": 10.0, "defect": "too few or too many events", "note": "",
    } | changed  # fmt: skip


def with_checks(marts: Marts, rows: list[dict[str, Any]]) -> Marts:  # noqa: F811
    return Marts(marts.tables | {"fct_instrument_checks": rows})


def test_a_warning_that_stands_says_since_when_and_until_when(marts: Marts) -> None:  # noqa: F811
    weeks = [LATEST - timedelta(weeks=back) for back in reversed(range(52))]
    rows = [check(week, int(week > weeks[-12])) for week in weeks]
    rows += [check(week, int(week < weeks[20]), event_type="*", check_id=17) for week in weeks]
    rows += [check(week, int(week < weeks[3]), event_type="few") for week in weeks]
    scale = {"check_id": 12, "defect": "amounts in another unit than before"}
    (told,) = warnings_of(with_checks(marts, [row | scale for row in rows[:52]]), "s", weeks)
    assert told["why"].endswith("new norm from the week of 2026-06-15.")
    stands, over = warnings_of(with_checks(marts, rows), "s", weeks)
    assert (stands["stands"], stands["week_count"]) == (True, 11)
    assert stands["when"] == "11 of 52 weeks, those of 2025-12-15 to 2026-02-23"
    assert "lasts since the week of 2025-12-15" in stands["why"]
    assert stands["why"].endswith("new norm from the week of 2026-06-15.")
    assert (over["stands"], over["why"], over["event_type"]) == (False, "", "all types")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"check_id": 1, "statistic": 0.01, "n": 99}, "1 of 99 received events"),
        ({"check_id": 4, "statistic": 1.0, "n": 1}, "1 of 1 finish"),
        ({"check_id": 5, "statistic": 0.0, "n": 26, "expected": 26.0}, "none of 26 starts"),
        ({"n": 1, "expected": 1.0}, "1 event came in the week, where 1 was expected"),
        ({"check_id": 10, "statistic": 50.0, "expected": 24.0}, "95 % of events came within 50 h"),
        ({"check_id": 17, "statistic": 0.5, "n": 2}, "1 of 2 planned event types not seen"),
    ],
)
def test_the_figures_of_a_finding_have_their_unit(
    marts: Marts, changed: dict[str, Any], said: str  # noqa: F811
) -> None:  # fmt: skip
    figures = figure_words(marts, check(LATEST, 2, **changed))
    assert figures[0].startswith(said)
    assert figures[1] == "p < 0.001"


def test_a_finding_on_a_denominator_has_the_unit_that_its_metric_tells(
    marts: Marts,  # noqa: F811
) -> None:
    about = {"check_id": 14, "defect": "a denominator that collapses", "n": 9219}
    row = check(LATEST, 2, **about, expected=38208.0)
    words = "9,219 (lines of releases) in the week, from 1 event, where the median is 38,208"
    changed = with_checks(marts, [row])
    trust = next(r for r in changed["fct_metric_trust"] if r["week_start_date"] == LATEST)
    trust |= {
        "source_id": "s",
        "grade": "C",
        "reason": f"{about['defect']} (release.made): {words}",
    }
    (found,) = findings_of(changed, "s", [])
    assert found["figures"] == [words, "p < 0.001"]


def test_hidden_figures_are_not_told(marts: Marts) -> None:  # noqa: F811
    assert figure_words(marts, check(LATEST, 2, statistic=None)) == []
    assert figure_words(marts, check(LATEST, 2, expected=None)) == []


def test_the_figures_of_a_card_are_of_the_week_whose_value_it_shows(
    marts: Marts,  # noqa: F811
) -> None:
    ripe = date(2026, 2, 9)
    for week, count in ((ripe, 26), (BEFORE, 42), (LATEST, 50)):
        lower(marts, LEAD, "C", week)
        for row in marts["fct_metric_trust"]:
            if row["metric_id"] == LEAD and row["week_start_date"] == week:
                row["reason"] = f"{count} of 318 events"
    marts.__dict__.pop("trust", None)
    values = [r for r in marts.shown_values("insight_desk", LEAD) if r["period_start_date"] <= ripe]
    trust = marts.trust["insight_desk", LEAD]
    told = latest_words(values, marts.metrics[LEAD], trust)
    assert told["reason"] == "not to be used: 26 of 318 events"
    # nothing of its own week: the source fell silent later, which is dated
    lower(marts, LEAD, "A", ripe)
    for row in values:
        row["trust_grade"] = "C" if row["period_start_date"] == ripe else row["trust_grade"]
    told = latest_words(values, marts.metrics[LEAD], trust)
    assert told["reason"] == "not to be used: 42 of 318 events, in the week of 2026-02-16"


def test_a_tripwire_whose_week_is_not_over_says_before_when_it_is_not_ripe(
    marts: Marts,  # noqa: F811
) -> None:
    card = next(c for c in marts.latest_cards if tripwires_of(marts, c))
    state = next(s for s in marts["fct_tripwire_states"] if s["kpi_id"] == card["kpi_id"])
    state |= {"state": "not_ripe", "observed_value": None}
    over = state["week_start_date"] + timedelta(weeks=1)
    # a look-ahead comes on top of the week
    for ripe_from, said in ((None, over), (over + timedelta(weeks=2), over + timedelta(weeks=2))):
        state["ripe_from_date"] = ripe_from
        (told, *_) = tripwires_of(marts, card)
        assert told["words"] == f"not ripe before {said}"
    assert "ithheld" not in told["observed"]


def test_a_card_says_which_weeks_its_sentence_and_its_balances_compare(
    marts: Marts,  # noqa: F811
) -> None:
    card = next(card for card in marts.latest_cards if card["metric_id"] == LEAD)
    card |= {"before_value": 5.4, "after_value": 3.1, "lead_period_start_date": date(2026, 2, 9)}
    card |= {"lead_period_grain": "week", "signal_from_date": date(2025, 11, 3)}
    segment = {
        "product_id": "insight_desk", "metric_id": LEAD, "segment_number": 1,
        "period_grain": "week", "baseline_from_date": date(2025, 1, 6),
        "baseline_to_date": date(2025, 4, 21),
    }  # fmt: skip
    marts["fct_limit_segments"].append(segment)
    told = compared_words(marts, card)
    before = f"{segment['baseline_from_date']} to {segment['baseline_to_date']}"
    assert told.startswith(
        "The lead is compared in the weeks of 2025-11-03 to 2026-02-09 with its baseline, "
        f"{before}."
    )
    # without a signal the latest eight periods are compared
    told = compared_words(marts, card | {"signal_from_date": None})
    assert "the eight periods to 2026-02-09 with" in told
    assert compared_words(marts, card | {"before_value": None}) == ""
    assert compared_words(marts, card | {"pair_verdict": "untrusted"}) == ""
    state = next(row for row in marts["fct_balance_states"] if row["difference"] is not None)
    state |= {f"{side}_{end}_date": date(2025, month, 6) for side, month in
              (("before", 1), ("after", 10)) for end in ("from", "to")}  # fmt: skip
    mine = next(card for card in marts.latest_cards if card["kpi_id"] == state["kpi_id"])
    margin = balance_panel(marts, mine, state).margin
    assert "weeks of 2025-10-06 against 2025-01-06" in margin


def test_a_figure_stays_on_one_line_with_its_sign_and_its_unit() -> None:
    told = str(kept_together("trips above 3 % with n \u2265 100; p < 0.001"))
    assert told == "trips above 3\u00a0% with n\u00a0\u2265\u00a0100; p\u00a0&lt;\u00a00.001"


@pytest.mark.parametrize("others", [[], ["refunds"]])
def test_figures_of_a_denominator_are_another_metrics_never(others: list[str]) -> None:
    row = {
        "source_id": "shop", "event_type": "order.paid", "week_start_date": date(2026, 3, 2),
        "check_id": 14, "defect": "denominators collapse", "n": 4, "statistic": 0.1,
        "expected": 40.0,
    }  # fmt: skip
    reasons = [
        {
            "product_id": "p",
            "metric_id": metric,
            "reason": f"{row['defect']} (order.paid): {metric}",
        }
        for metric in ["orders", *others]
    ]
    stub = SimpleNamespace(reasons={("shop", row["week_start_date"]): reasons})
    told = of_metric(cast(Marts, stub), row)
    assert told == (figures(row) if others else "orders")


@pytest.mark.parametrize(
    ("is_coarse", "told"), [(False, "1 of 130 lines"), (True, "1 of about 130 lines")]
)
def test_a_sum_of_rounded_lines_is_told_as_about_so_many(is_coarse: bool, told: str) -> None:
    files = [
        {"line_count": 120, "quarantined_line_count": 1, "is_coarse": is_coarse},
        {"line_count": 10, "quarantined_line_count": 0, "is_coarse": False},
    ]
    stub = {"fct_intake_reconciliation": files}
    assert set_aside_sentence(cast(Marts, stub)) == f"{told} received was set aside."


def test_lines_of_one_file_that_were_set_aside_are_told_with_its_path_once() -> None:
    def line(path: str, number: int | None, detail: str | None = None) -> dict[str, Any]:
        return {
            "path": path, "line_number": number, "reason_detail": detail, "event_type": None,
        }  # fmt: skip

    rows = [line("a.jsonl", 3), line("a.jsonl", 7), line("b.jsonl", 9), line("c.csv", None)]
    places = [row["place"] for row in set_aside_places(rows)]
    assert places == ["landing/a.jsonl:3", ":7", "landing/b.jsonl:9", "landing/c.csv"]
    # what is told of a line stands between it and the next
    rows = [line("a.jsonl", 3, "subject"), line("a.jsonl", 7)]
    assert [row["place"] for row in set_aside_places(rows)][1] == "landing/a.jsonl:7"


def test_a_source_that_fails_in_the_week_under_way_is_told_beside_its_grade(
    marts: Marts,  # noqa: F811
) -> None:
    source = next(s for s in marts["dim_sources"] if s["source_id"] == "insight-portal")
    trust = next(
        r for r in reversed(marts["fct_source_trust"]) if r["source_id"] == source["source_id"]
    )
    assert source_of(marts, source)["early"] == ""
    under_way = trust | {"week_start_date": LATEST + timedelta(weeks=1)}
    marts["fct_source_trust"].append(under_way | {"grade": "B"})
    assert source_of(marts, source)["early"] == ""
    marts["fct_source_trust"][-1] |= {"grade": "D", "reason": "silent"}
    assert (source_of(marts, source)["grade"], source_of(marts, source)["early"]) == ("A", "D")
    assert "grade A D under way" in lines(render_quality(marts))
