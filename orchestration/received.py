"""The instant that a run computes for: the latest time at which anything was received."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb

from orchestration.errors import UserError
from orchestration.plurals import counted

LONGEST_PAUSE = timedelta(days=366)
"""Between what was received and the few lines after it, beyond which their clock is doubted."""
QUIET = timedelta(days=7)
"""After the last line received, beyond which an as-of is told to lie long after it."""
FEW = 10
"""So many times as many lines must stand before the pause as after it; one line is always few."""


def latest_received_at(
    database: Path, landing: Path, latest: datetime | None, published_at: datetime | None
) -> datetime | None:
    """Return the latest received time; None where nothing tells one.

    Args:
        database: The warehouse with registry and landing zone loaded.
        landing: Folder of the landing files, for messages.
        latest: Latest received time of all events, naive UTC. Exports without a receive clock
            count as observed until theirs.
        published_at: What was computed for last; what lies close to it needs no second look.

    Raises UserError where a few lines were received more than LONGEST_PAUSE after all others: taken
    for the present, they would make every source look silent.
    """
    with duckdb.connect(str(database)) as connection:
        observed = _observed_until(connection)
        known = [instant for instant in (observed, published_at) if instant is not None]
        if latest is not None and not any(latest <= at + LONGEST_PAUSE for at in known):
            _doubt(connection, landing)
    return max((instant for instant in (latest, observed) if instant is not None), default=None)


def long_after(database: Path, as_of_at: datetime, latest: datetime | None) -> str:
    """Say that an as-of lies long after all that was received or observed; blank where not.

    There is no clock to tell that an instant lies in the future, but what it makes of sources is
    the same: they look silent since. `database` and `latest` are those of `latest_received_at`.
    """
    with duckdb.connect(str(database)) as connection:
        observed = _observed_until(connection)
    known = max((instant for instant in (latest, observed) if instant is not None), default=None)
    if known is None or as_of_at - known <= QUIET:
        return ""
    return (
        f"as of {as_of_at}Z, {counted((as_of_at - known).days, 'day')} after the last that was "
        f"received, {known}Z: sources look silent since"
    )


def _observed_until(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return until when exports without a receive clock were looked at."""
    return connection.execute(
        "select max(observed_until) from registry.sources where not has_receive_clock"
    ).fetchall()[0][0]


def _doubt(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Raise a UserError for the lines after a long pause, where they are few."""
    days = connection.execute(
        "select date_trunc('day', receivedtime_at) as day, count(*) as line_count "
        "from raw.cloudevents__events where receivedtime_at is not null group by 1 order by 1"
    ).fetchall()
    before, left = 0, sum(line_count for _, line_count in days)
    for (day, line_count), (next_day, _) in pairwise(days):
        before += line_count
        left -= line_count
        if next_day - day > LONGEST_PAUSE and (left == 1 or FEW * left <= before):
            raise _far_ahead(connection, landing, day, next_day, left)


def _far_ahead(
    connection: duckdb.DuckDBPyConnection, landing: Path, day: datetime, first: datetime, count: int
) -> UserError:
    path, line, at = connection.execute(
        "select files.path, events.line_number, events.receivedtime_at "
        "from raw.cloudevents__events as events join raw.landing_files as files using (file_id) "
        "where events.receivedtime_at >= ? order by 1, 2, 3 limit 1",
        [first],
    ).fetchall()[0]
    return UserError(
        f"the receivedtime of {counted(count, 'line')}, {at:%Y-%m-%d} in this one, is "
        f"{(first - day).days:,} days after all others",
        "Correct it or take it out; if it is right, say what to compute for with --as-of.",
        landing / path,
        line,
    )
