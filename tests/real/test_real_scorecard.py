"""What is published over the real exports: reference figures in the marts, and readings."""

import pytest

PRODUCTS = {
    "cloud_platform",
    "code_hosting",
    "coped_bi",
    "govuk_publishing",
    "itsm_desk",
    "site_cms",
}


def test_published_tasks_carry_the_reference_figures(marts):
    figures = {
        task_type: (count, mean, median, p90)
        for task_type, count, mean, median, p90 in marts(
            "select task_type_id, count(*), avg(hours), median(hours), quantile_cont(hours, 0.9) "
            "from (select task_type_id, "
            "epoch_us(finished_at - started_at) / 3.6e9 as hours from fct_tasks "
            "where state = 'finished') group by 1"
        )
    }
    count, mean, median, _ = figures["ticket"]
    assert (count, round(mean, 2), round(median, 1)) == (23_362, 178.17, 22.1)
    count, _, median, p90 = figures["publication"]
    assert (count, round(median, 1), round(p90)) == (660, 3.4, 266)


def test_published_deployments_carry_the_reference_figures(marts):
    assert marts(
        "select count(*), count(*) filter (where is_downgrade) from fct_deployments "
        "where environment = 'production'"
    ) == [(31_791, 253)]


def test_every_real_file_is_balanced_in_the_marts(marts):
    count, is_balanced = marts(
        "select count(*), bool_and(line_count = accepted_line_count + duplicate_line_count "
        "+ quarantined_line_count) from fct_intake_reconciliation"
    )[0]
    assert (count, is_balanced) == (25, True)


def test_every_kpi_has_a_latest_verdict_at_the_end_of_its_series(marts):
    latest = marts(
        "select product_id, kpi_id, verdict, reading, week_start_date from kpi_scorecard "
        "where is_latest"
    )
    assert {row[0] for row in latest} == PRODUCTS
    assert len(latest) == 7
    assert all(verdict and reading for _, _, verdict, reading, _ in latest)
    # a series that ended is read at its end, not at as-of
    ends = {row[0]: str(row[4]) for row in latest}
    assert ends["itsm_desk"] == "2017-02-13"
    assert ends["coped_bi"] == "2022-03-21"
    assert ends["govuk_publishing"] == "2026-08-17"


def test_two_months_of_queries_are_too_little_to_judge(marts):
    assert marts(
        "select verdict from kpi_scorecard where is_latest and product_id = 'coped_bi'"
    ) == [("insufficient_data",)]


def test_the_bulk_roll_back_of_august_2026_trips_its_wire(marts):
    # 2026-08-14, known from the history of the repository
    assert marts(
        "select verdict, reading like 'Downgrades in production crossed%' from kpi_scorecard "
        "where is_latest and product_id = 'govuk_publishing'"
    ) == [("tripped", True)]


def test_no_row_of_the_marts_tells_who_did_it(marts, sql):
    people = {row[0] for row in sql("select distinct actor_id from core.int_events")} - {None}
    texts = marts(
        "select table_name, column_name from information_schema.columns "
        "where table_catalog = 'marts' and data_type = 'VARCHAR'"
    )
    assert len(texts) > 50
    # numbers of ServiceNow's staff are short enough to be other things as well
    people = {person for person in people if len(person) >= 8}
    for table, column in texts:
        values = {row[0] for row in marts(f'select distinct "{column}" from {table}')}
        assert not values & people, (table, column)


@pytest.mark.parametrize("page", ["scorecard.html", "numbers.html", "quality.html"])
def test_pages_name_the_products(workspace, page):
    assert "GOV.UK publishing platform" in (workspace.publish / page).read_text("utf-8")
