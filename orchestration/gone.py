"""Events that were counted and whose lines were taken away: remembered until they come again.

A file that has another content, or has gone, is told by the run that sees it, and by no later one:
to the next run the files are as they are. What it took away lies in `state.events_gone`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.engine import connect

CREATE = """
    create table if not exists state.events_gone (
        path varchar, source_id varchar, event_id varchar, event_type varchar,
        week_start_date date, as_of_at timestamp, loss_id varchar
    )
"""
# of a warehouse that an earlier version filled
COMPLETE = "alter table state.events_gone add column if not exists loss_id varchar"
NAME = """
    update state.events_gone as gone set loss_id = lower(lpad(hex(found.digest), 16, '0'))
    from (
        select
            path, as_of_at,
            bit_xor(md5_number_lower(concat_ws(' ', source_id, event_id))) as digest
        from state.events_gone where loss_id is null
        group by path, as_of_at
    ) as found
    where gone.loss_id is null and gone.path = found.path and gone.as_of_at = found.as_of_at
"""
LOSSES = """
    select
        path, loss_id, count(*) as line_count, list_sort(list_distinct(list(source_id)))
    from state.events_gone
    group by path, loss_id
    order by path, min(as_of_at), loss_id
"""
# read before all events are: mostly no file has changed
OTHER_FILES = """
    select file_id from built.files as known
    where not exists (
        select 1 from raw.landing_files as files
        where known.file_id = files.file_id
            and known.checksum is not distinct from files.checksum
    )
"""
NOTE = f"""
    insert into state.events_gone by name
    select
        coalesce(known.path, known.file_id) as path, events.source_id, events.event_id,
        events.event_type, events.occurred_week_start_date as week_start_date, ? as as_of_at
    from intake.int_events_classified as events
    inner join built.files as known on events.file_id = known.file_id
    where events.classification = 'accepted' and not coalesce(events.is_heartbeat, false)
        and events.file_id in ({OTHER_FILES})
        and not exists (
            select 1 from state.events_gone as gone
            where gone.source_id = events.source_id and gone.event_id = events.event_id
        )
"""
FORGET = """
    delete from state.events_gone as gone
    where exists (
        select 1 from intake.int_events_classified as events
        where events.source_id = gone.source_id and events.event_id = gone.event_id
            and events.classification in ('accepted', 'duplicate')
    )
"""
ANY = "select 1 from state.events_gone limit 1"
READ = (("intake", "int_events_classified"), ("built", "files"), ("state", "events_gone"))


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `state.events_gone` where it is missing, or lacks what it has by now."""
    connection.execute(CREATE)
    connection.execute(COMPLETE)
    connection.execute(NAME)


def note_gone(database: Path, as_of_at: datetime) -> None:
    """Note the accepted events of files that the last run that ended well had, and this one hasn't.

    Called between the loading of files and the run of the models, which still have that run's
    events. What stands there already isn't noted again. On other engines, where the models aren't
    in this file, nothing is.

    Args:
        database: The warehouse, its landing zone loaded.
        as_of_at: What this run computes for, naive UTC.
    """
    with connect(database) as connection:
        if _has_run(connection):
            # of a warehouse that an earlier version filled
            connection.execute("alter table built.files add column if not exists path varchar")
            if connection.execute(f"{OTHER_FILES} limit 1").fetchall():
                connection.execute(NOTE, [as_of_at])
                connection.execute(NAME)


@dataclass(frozen=True)
class Loss:
    """Lines that one run found to be gone from a file, as far as they have not come again."""

    path: str
    loss_id: str
    """Digest of the ids of all that was gone then: of other lines it is another."""
    line_count: int
    source_ids: list[str]


def losses(connection: duckdb.DuckDBPyConnection) -> list[Loss] | None:
    """Return what is gone, by file; None where an earlier version noted it, or no run has."""
    try:
        return [Loss(*row) for row in connection.execute(LOSSES).fetchall()]
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def forget_returned(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget what has come again, in whichever file."""
    if _has_run(connection) and connection.execute(ANY).fetchall():
        connection.execute(FORGET)


def _has_run(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    return set(READ) <= set(found)
