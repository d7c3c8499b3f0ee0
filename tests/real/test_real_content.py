"""A site kept in git, read as a content management system."""

import pytest


def test_first_authored_to_landed_is_that_of_the_reference(sql):
    # a post is its slug, as in the reference; 86 slugs are earlier names of another post, and
    # following these renames too gives 574 posts, median 3.36 h and the same p90
    count, median, p90 = sql(
        "select count(*), median(duration_us) / 3.6e9, quantile_cont(duration_us, 0.9) / 3.6e9 "
        "from core.int_tasks where task_type_id = 'publication' and state = 'finished'"
    )[0]
    assert count == 660
    assert median == pytest.approx(3.42, abs=0.005)
    assert p90 == pytest.approx(266.1, abs=0.05)


def test_moving_the_whole_site_publishes_nothing(sql):
    # 2024-08-16: two commits that each move 505 posts to another folder
    counts = dict(
        sql(
            "select event_type, count(*) from intake.int_events_classified "
            "where source_id = 'git-cms' and cast(occurred_at as date) = date '2024-08-16' "
            "and json_extract_string(data, 'section') = 'post' group by 1"
        )
    )
    assert counts["content.migrated"] > 1_000
    # drafts of 2017 and 2019 that had never been on the main line came along
    assert counts["content.published"] == 2


def test_a_date_that_does_not_exist_leaves_the_row_in(sql):
    # 2015-22-23
    assert (
        sql(
            "select count(*), count(json_extract_string(data, 'declared_date')) "
            "from intake.int_events_classified where subject_id like '2015-22-23%'"
        )[0][0]
        > 0
    )


def test_bulk_edits_neither_publish_nor_correct(sql):
    assert sql(
        "select count(*) from intake.int_events_classified where source_id = 'git-cms' "
        "and event_type in ('content.updated', 'content.removed', 'content.renamed') "
        "and json_extract_string(data, 'is_bulk') = 'true'"
    ) == [(0,)]
