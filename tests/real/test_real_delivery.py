"""The five delivery measures of GOV.UK by app and quarter, against the raw files."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from tests.real.delivery import Quarter, quarters_of

MEASURES = tuple(Quarter().measures())

WORKED = {
    ("frontend", date(2024, 12, 30)): (125, 564, 4.084167, 3 / 125, 25.509722, 0),
    ("support", date(2025, 3, 31)): (57, 198, 7.121944, 1 / 57, 0.676667, 0),
    ("publishing-api", date(2025, 12, 29)): (130, 417, 2.293611, 0, None, None),
    ("all", date(2026, 3, 30)): (2424, 1177, 2.761111, 3 / 2424, 0.726667, 0),
}
"""Deployments, changes, median hours to production, change fail rate, median hours to recovery, and
the share of roll-backs that no deployment was found for, as last looked at by hand."""


def filled(figures: Iterable[float | None]) -> list[float]:
    """Return the figures with -1, which none of them can be, where there is none."""
    return [-1.0 if figure is None else figure for figure in figures]


@pytest.mark.parametrize("app", ["frontend", "support", "publishing-api"])
def test_an_app_has_the_figures_of_its_raw_files_in_every_quarter(marts, real_data: Path, app):
    expected = quarters_of(real_data, app)
    rows = marts(
        f"select quarter_start_date, {', '.join(MEASURES)} from fct_delivery_quarters "
        "where service_id = ? and not is_product",
        app,
    )
    assert len(rows) >= 16
    assert set(expected) <= {row[0] for row in rows}
    for quarter, *served in rows:
        worked = list(expected.get(quarter, Quarter()).measures().values())
        assert filled(served) == pytest.approx(filled(worked), rel=1e-9), quarter


@pytest.mark.parametrize(("service", "quarter"), WORKED)
def test_worked_figures_of_a_quarter(marts, service, quarter):
    (row,) = marts(
        "select deployment_count, change_count, median_lead_time_hours, change_fail_rate, "
        "median_recovery_hours, unattributed_share from fct_delivery_quarters "
        "where product_id = 'govuk_publishing' and service_id = ? and quarter_start_date = ?",
        service,
        quarter,
    )
    assert filled(row) == pytest.approx(filled(WORKED[service, quarter]), abs=1e-6)


def test_the_product_is_all_its_apps_together(marts):
    counts = ("deployment", "remediation", "change", "failed", "evidence")
    sums = ", ".join(
        f"sum({c}_count) filter (where is_product), sum({c}_count) filter (where not is_product)"
        for c in counts
    )
    rows = marts(f"select quarter_start_date, {sums} from fct_delivery_quarters group by 1")
    assert len(rows) == 16
    for _, *pairs in rows:
        assert pairs[::2] == pairs[1::2]


def test_only_the_quarters_that_were_observed_from_end_to_end_are_complete(marts):
    incomplete = marts(
        "select distinct quarter_start_date from fct_delivery_quarters where not is_complete"
    )
    assert sorted(row[0] for row in incomplete) == [date(2022, 10, 3), date(2026, 6, 29)]


def test_rework_has_no_value_where_no_deployment_says_its_kind(marts):
    assert marts(
        "select distinct rework_rate, rework_no_value_reason from fct_delivery_quarters "
        "where deployment_count > 0"
    ) == [(None, "kind_not_sent")]
