"""Counts by the way: releases, reasons and lines of files tell no hidden number of people."""

from collections.abc import Iterable

import duckdb
import pytest

from orchestration.workspace import Workspace

SECRET_TYPES = """
    select distinct product_id, event_type from metrics.int_person_event_types
    where is_hidden and not is_beside
"""
ACTIVITIES = """
    with secret as (
        select product_id from ({secret_types}) where event_type = 'devops_activity.logged'
    ),
    truth as (
        select product_id, count(*) as activities
        from core.int_events join secret using (product_id)
        where event_type = 'devops_activity.logged'
            and json_extract_string(data, '$.team') = 'product'
        group by product_id
    )
    select product_id from truth
    join (select product_id, sum(team_activity_count) as counted from {table} group by all)
        using (product_id)
    where counted = activities
"""
"""Products of which the activities behind a hidden figure are counted, release by release."""
REASONS = """
    with truth as (
        select diagnostic_id, count(*) as items
        from metrics.int_diagnostic_items
        join registry.diagnostics using (diagnostic_id)
        join ({secret_types}) as types
            on diagnostics.product_id = types.product_id and item_type = types.event_type
        where item_kind = 'event'
        group by diagnostic_id
    )
    select diagnostic_id from truth
    join (select diagnostic_id, sum(item_count) as counted from {table} group by all)
        using (diagnostic_id)
    where counted = items
"""
"""Pareto tables that count the events of a hidden figure."""
LINES = """
    with kinds as (
        select file_id,
            count(*) filter (where is_hidden) as secret,
            count(*) filter (where not coalesce(is_hidden, false)) as told
        from core.int_events
        left join (
            select source_id, event_type, bool_or(is_hidden) as is_hidden
            from metrics.int_person_event_types group by all
        ) using (source_id, event_type)
        group by file_id
    )
    select file_id, kinds.secret, served.accepted_line_count - kinds.told as guess
    from {table} as served join kinds using (file_id)
    where kinds.secret > 0
"""
"""Of each file with hidden people: its events of theirs, and its lines less all other events."""


def told(connection: duckdb.DuckDBPyConnection, query: str, table: str) -> list[tuple]:
    """Return what a reader of a table finds out."""
    return connection.execute(
        query.replace("{table}", table).replace("{secret_types}", SECRET_TYPES)
    ).fetchall()


@pytest.fixture(scope="module")
def connection(published_sample: Workspace) -> Iterable[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published_sample.database), read_only=True) as warehouse:
        yield warehouse


def test_releases_do_not_count_the_work_behind_a_hidden_figure(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert told(connection, ACTIVITIES, "core.int_releases") == [("release_platform",)]
    assert told(connection, ACTIVITIES, "marts.fct_releases") == []


def test_reasons_do_not_count_the_events_of_a_hidden_figure(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert ("devops_work",) in told(connection, REASONS, "metrics.int_diagnostic_reasons")
    assert told(connection, REASONS, "marts.fct_diagnostics") == []


def test_shares_of_a_coarse_table_are_no_ratio_of_its_counts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    shares = connection.execute(
        "select share, cumulative_share, unknown_share from marts.fct_diagnostics where is_coarse"
    ).fetchall()
    assert shares
    assert all(share == round(share, 2) for row in shares for share in row if share is not None)


def test_promises_of_sources_count_no_events_of_a_hidden_figure(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    types = "(select source_id, event_type from metrics.int_person_event_types where is_hidden)"
    exact = connection.execute(
        f"select count(event_count) from guard.contract_checks join {types} "
        "using (source_id, event_type)"
    ).fetchone()
    assert exact and exact[0]
    served = connection.execute(
        f"select count(element_count), count(broken_count) from marts.fct_contract_checks "
        f"join {types} as types on dataset = 'source/' || source_id "
        "and fct_contract_checks.event_type = types.event_type"
    ).fetchone()
    assert served == (0, 0)


def test_lines_of_files_less_all_that_is_told_do_not_leave_the_events_of_hidden_people(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    exact = told(connection, LINES, "intake.int_intake_reconciliation")
    assert exact and all(guess == secret for _, secret, guess in exact)
    served = told(connection, LINES, "marts.fct_intake_reconciliation")
    # a whole twenty may be the truth, but nobody can tell where it is
    right = [file for file, secret, guess in served if guess == secret]
    assert len(right) <= len(served) / 5


def test_coarse_files_still_add_up_and_keep_what_was_lost(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = connection.execute(
        """
        select served.line_count, served.accepted_line_count, served.duplicate_line_count,
            served.quarantined_line_count, kept.duplicate_line_count, kept.quarantined_line_count
        from marts.fct_intake_reconciliation as served
        join intake.int_intake_reconciliation as kept using (file_id)
        where is_coarse
        """
    ).fetchall()
    assert rows
    for lines, accepted, duplicates, quarantined, *lost in rows:
        assert accepted % 20 == 0 and lines == accepted + duplicates + quarantined
        assert [duplicates, quarantined] == lost
