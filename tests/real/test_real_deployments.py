"""GitOps image tags and git histories of GOV.UK, against counts of the raw files."""

import pytest

LEAD_TIMES = {
    "content-publisher": (255, 16.6),
    "frontend": (1_370, 18.4),
    "publishing-api": (1_041, 16.7),
    "signon": (1_161, 18.2),
    "support": (613, 15.2),
}
"""Tags that reached production, and the median minutes from landing to their first arrival."""


def test_a_production_deployment_is_a_tag_that_replaces_another(sql):
    assert sql(
        "select count(*) from intake.int_events_classified "
        "where event_type = 'service.deployed' and environment = 'production'"
    ) == [(31_791,)]


def test_a_first_tag_is_declared_not_deployed(sql):
    # the file split of October 2022 and apps taken over later: the artefact was live before
    assert sql(
        "select count(*) from intake.int_events_classified "
        "where event_type = 'image_tag.declared' and environment = 'production'"
    ) == [(71,)]


def test_one_row_can_deploy_and_change_a_pin(sql):
    both = sql(
        "select count(*) from (select line_number from intake.int_events_classified "
        "where source_id = 'gitops' group by line_number "
        "having bool_or(event_type = 'service.deployed') "
        "and bool_or(event_type = 'deployment_pin.changed'))"
    )
    assert both[0][0] > 0
    assert sql(
        "select max(event_count) from (select line_number, count(*) as event_count "
        "from intake.int_events_classified where source_id = 'gitops' group by line_number)"
    ) == [(2,)]


def test_mixed_offsets_come_out_as_utc(sql):
    # 2022-10-10T11:39:30+01:00
    assert sql(
        "select min(occurred_at)::varchar from intake.int_events_classified "
        "where source_id = 'gitops'"
    ) == [("2022-10-10 10:39:30",)]


def test_numeric_downgrades_in_production_are_those_of_the_reference(sql):
    # v<number> on both sides: every one of the 253 is of this form
    assert sql(
        "select count(*) from core.int_deployments "
        "where environment = 'production' and is_downgrade"
    ) == [(253,)]


def test_deployments_of_the_core_are_the_events_of_production(sql):
    assert sql("select count(*) from core.int_deployments where environment = 'production'") == [
        (31_791,)
    ]


@pytest.mark.parametrize("service", LEAD_TIMES)
def test_median_from_landing_to_first_production_is_that_of_the_reference(sql, service):
    # tag = image tag of the app of the same name; clock from the landing of the tagged commit
    count, median, least = sql(
        "select count(*), median(landing_to_deployed_us) / 6e7, min(landing_to_deployed_us) "
        "from core.int_artifact_deliveries where service_id = ? and artifact_version in ("
        "    select subject_id from intake.int_events_classified"
        "    where event_type = 'tag.created' and json_extract_string(data, 'service') = ?)",
        service,
        service,
    )[0]
    assert (count, round(median, 1)) == LEAD_TIMES[service]
    assert least > 0
