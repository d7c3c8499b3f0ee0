"""Whether the weeks that a command names have data, and what becomes of those that have none."""

from datetime import date

from orchestration.errors import UserError
from orchestration.plurals import counted
from orchestration.registry.trust_rules import Lowered
from orchestration.trust import words
from orchestration.trust.published import Published, latest_with_data

MOST_AHEAD = 13
"""Weeks after the latest with data in which a row may begin: what is planned for a quarter."""
MOST_BEYOND = 104
"""Weeks after it in which a row may end; one that ends later holds until mended."""


def require_weeks_with_data(published: Published, lowered: Lowered) -> None:
    """Raise UserError where all weeks lie before the data, or years after them."""
    values = lowered.row.values
    start, end = values["from_week_date"], values["to_week_date"]
    latest = latest_with_data(published, values)
    if latest is None:
        return
    name, grades = words.name(lowered.row), published.grades(values)
    if grades and end is not None and end < grades[-1].week:
        what = f"{name} has no data {words.weeks(lowered)}"
        raise UserError(what, f"{_held(grades[-1].week, latest)}: name one of them.")
    if words.weeks_between(latest, start) > MOST_AHEAD:
        raise UserError(_ahead("--from", start, latest), _least(latest))
    if end is not None and words.weeks_between(latest, end) > MOST_BEYOND:
        do = "Leave --to out: it then holds until it is taken back."
        raise UserError(_ahead("--to", end, latest), do)


def require_weeks_back(published: Published, lowered: Lowered, start: date | None) -> None:
    """Raise UserError where a row can't be taken back from a day's week on."""
    if start is None:
        return
    week, values, line = words.monday(start), lowered.row.values, lowered.row.line
    if week < values["from_week_date"]:
        what = f"line {line} holds {words.weeks(lowered)}, and --from {start} lies before"
        raise UserError(what, "Leave --from out to take it back for all its weeks.")
    if lowered.last_week is not None and week > lowered.last_week:
        what = f"line {line} holds {words.weeks(lowered)}, and --from {start} lies after"
        raise UserError(what, "There is nothing to take back.")
    latest = latest_with_data(published, values)
    if latest is not None and words.weeks_between(latest, week) > MOST_AHEAD:
        raise UserError(_ahead("--from", week, latest), _least(latest))


def span_words(published: Published, lowered: Lowered) -> str:
    """Return what becomes of the weeks without data, as a line; blank where all have some."""
    values, grades = lowered.row.values, published.grades(lowered.row.values)
    start, end = values["from_week_date"], values["to_week_date"]
    if not grades and published.as_of_week is None:
        return "Nothing is published yet, so that it isn't known which weeks have data.\n"
    if not grades:
        return "Nothing of it is published yet: each of these weeks is lowered once it has data.\n"
    first, latest = grades[-1].week, grades[0].week
    if start > latest:
        return f"{_held(first, latest)}: each of these weeks is lowered once it has data.\n"
    told = ""
    if start < first:
        told = f"Its data begin in the week of {first}: nothing is lowered before it.\n"
    if end is not None and end > latest:
        told += (
            f"Its data end in the week of {latest}: later weeks are lowered once they have data.\n"
        )
    return told


def _held(first: date, latest: date) -> str:
    if first == latest:
        return f"It has data of the week of {first} alone"
    return f"It has data from the week of {first} to that of {latest}"


def _ahead(option: str, week: date, latest: date) -> str:
    far = counted(words.weeks_between(latest, week), "week")
    return f"{option}, the week of {week}, lies {far} after the latest with data, that of {latest}"


def _least(latest: date) -> str:
    return f"Name a week at most {MOST_AHEAD} weeks after that of {latest}."
