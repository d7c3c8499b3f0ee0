"""Namespaces of a developer platform: use is told apart from housekeeping."""


def test_every_creation_and_deletion_is_a_birth_a_death_or_a_move(sql):
    counts = dict(
        sql(
            "select event_type, count(*) from intake.int_events_classified "
            "where source_id = 'idp' group by 1"
        )
    )
    # 3,002 rows say created and 1,574 deleted; the rename live-1 to live made copies for a while
    assert counts["namespace.created"] == 2_588
    assert counts["namespace.deleted"] == 1_161
    assert counts["namespace.moved"] == 3_002 + 1_574 - 2_588 - 1_161


def test_bulk_edits_and_bots_are_no_use(sql):
    assert sql(
        "select count(*) from intake.int_events_classified as events "
        "join raw.idp__namespace_changes as changes using (file_id, line_number) "
        "where events.event_type = 'user.active' and (changes.is_bot = '1' or changes.sha in "
        "(select sha from raw.idp__namespace_changes group by sha having count(*) >= 10))"
    ) == [(0,)]


def test_two_in_three_changes_of_2023_were_housekeeping(sql):
    rows_per_use = dict(
        sql(
            "select year(occurred_at), count(*) filter (where event_number = 1) "
            "/ count(*) filter (where event_type = 'user.active') "
            "from intake.int_events_classified where source_id = 'idp' group by 1"
        )
    )
    # 28,861 rows in 2023
    assert round(rows_per_use[2023], 1) == 2.8
    assert max(use for year, use in rows_per_use.items() if year > 2023) < 1.7
