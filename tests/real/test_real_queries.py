"""Metabase's application database: builders, readers and background tasks."""


def test_142_of_2069_queries_failed(sql):
    assert sql(
        "select count(*), count(*) filter (where json_extract_string(data, 'is_failed') = 'true') "
        "from intake.int_events_classified where event_type = 'query.ran'"
    ) == [(2_069, 142)]


def test_one_builder_makes_nine_in_ten_views(sql):
    share = sql(
        "select max(views) / sum(views) from (select actor_id, count(*) as views "
        "from intake.int_events_classified where event_type = 'report.viewed' group by 1)"
    )[0][0]
    assert round(share, 2) == 0.89


def test_nobody_stands_behind_a_public_link(sql):
    assert sql(
        "select distinct actor_kind from intake.int_events_classified "
        "where event_type = 'query.ran' and actor_id is null"
    ) == [("unknown",)]


def test_a_background_task_is_one_run_whatever_its_steps(sql):
    assert sql(
        "select count(*), count(finished_at) from core.int_tasks "
        "where task_type_id = 'pipeline_run'"
    ) == [(5_022, 5_022)]
    # rows of the export: whole tasks and their steps
    assert sql(
        "select count(*) from intake.int_events_classified "
        "where event_type in ('pipeline_run.started', 'pipeline_step.ran')"
    ) == [(14_299,)]
