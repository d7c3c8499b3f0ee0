"""The command `steelyard explain`: one number of a week, from whatever can be read of it."""

from datetime import date, timedelta

import duckdb

from orchestration.engine import connect
from orchestration.errors import UserError
from orchestration.explain.number import Number
from orchestration.explain.published import published_marts
from orchestration.lock import held_words, is_locked
from orchestration.publications import last_publication
from orchestration.trust.ahead import ahead_of_number
from orchestration.workspace import Workspace


def explain(workspace: Workspace, product: str, metric: str, day: date) -> str:
    """Return the lines that tell where one number of the week of `day` comes from.

    While another process holds the warehouse they come from the published marts, without what
    only the warehouse tells. Raises `UserError` where nothing is published, or there is no such
    product, metric or week.
    """
    if last_publication(workspace) is None:
        what = "nothing has been published in this workspace"
        raise UserError(what, "Run `steelyard refresh`.", workspace.home)
    if not workspace.database.is_file():
        what = "the warehouse is gone, and with it what the numbers are made of"
        raise UserError(what, "Run `steelyard refresh --full`.", workspace.database)
    week = day - timedelta(days=day.weekday())
    try:
        with connect(workspace.database, read_only=True) as connection:
            return _told(workspace, Number(connection, product, metric, week))
    except duckdb.IOException as error:
        if not is_locked(error):
            raise
        held = held_words(workspace, str(error))
    with published_marts(workspace) as connection:
        return _told(workspace, Number(connection, product, metric, week, untold=held))


def _told(workspace: Workspace, number: Number) -> str:
    # what the page of numbers never tells: it shows what the same run has read
    ahead = ahead_of_number(
        workspace,
        number.connection,
        number.keys["product"],
        number.own(),
        number.sources(),
        (number.keys["first"], number.keys["last"]),
    )
    return "\n".join(number.lines(ahead))
