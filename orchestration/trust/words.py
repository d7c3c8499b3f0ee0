"""Rows that lower a grade, in words."""

from datetime import date, timedelta

from orchestration.registry.tables import Row
from orchestration.registry.trust_rules import Lowered

WEEK = timedelta(weeks=1)


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def name(row: Row) -> str:
    """What a row lowers: `source editor`, `pages of cms`, `product cms`."""
    product, metric, source = (
        row.values[column] for column in ("product_id", "metric_id", "source_id")
    )
    if source:
        return f"source {source}"
    return f"{metric} of {product}" if metric else f"product {product}"


def weeks(lowered: Lowered) -> str:
    """In which weeks it holds, or held until it was taken back whole; as weeks are called."""
    if not lowered.holds:
        lowered = Lowered(lowered.row)
    start, end = lowered.row.values["from_week_date"], lowered.last_week
    if end is None:
        return f"from the week of {start} until mended"
    if start == end:
        return f"in the week of {start}"
    return f"from the week of {start} to that of {end}"


def of_weeks(*days: date | None) -> str:
    """A line that says in which weeks days lie that are no Mondays; blank where all are."""
    others = list(dict.fromkeys(day for day in days if day is not None and day != monday(day)))
    told = [
        f"{day} {'in that' if number else 'lies in the week'} of {monday(day)}"
        for number, day in enumerate(others)
    ]
    return f"Weeks begin on Mondays: {', '.join(told)}.\n" if told else ""


def taken_back(lowered: Lowered) -> str:
    """From when a row that was taken back holds no longer."""
    assert lowered.restored is not None
    start = lowered.restored.values["restored_from_week_date"]
    return f"from the week of {start} on" if lowered.holds else "for all its weeks"


def listed(other: Lowered) -> str:
    """A row as one line of a list."""
    grade = other.row.values["grade"]
    return f"  line {other.row.line:<4} {name(other.row)} at best {grade} {weeks(other)}\n"


def weeks_between(earlier: date, later: date) -> int:
    """How many weeks the later Monday lies after the earlier one."""
    return (later - earlier) // WEEK
