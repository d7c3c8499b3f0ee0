"""Figures as a reader says them: "1.3 days", "14 %", "+8 points"."""

import math
from datetime import date

from orchestration import plurals

SHARES = ("%", "share")
UNITS_WITHOUT_WORD = ("ratio", "count", "number", "1")
MISSING = "\u2013"
MINUS = "\u2212"
HOURS = {"hours": 1.0, "minutes": 1 / 60, "days": 24.0, "seconds": 1 / 3600}


def plain(number: float, digits: int) -> str:
    """Rounded half away from zero, as the database does, without a trailing `.0`.

    >>> plain(12.04, 1), plain(100.0, 0)
    ('12', '100')
    """
    scaled = abs(number) * 10**digits
    rounded = math.floor(scaled + 0.5) / 10**digits
    text = f"{math.copysign(rounded, number) if rounded else 0.0:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def humanise(number: float | None, unit: str | None) -> str:
    """A value in its unit; shares are fractions. An em dash where there is none.

    >>> humanise(31, "hours"), humanise(0.14, "%")
    ('1.3 days', '14 %')
    """
    if number is None:
        return MISSING
    size = abs(number)
    if unit in SHARES:
        return f"{plain(100 * number, 0 if size >= 0.0995 else 1)} %"
    if unit in HOURS:
        return _hours(number * HOURS[unit])
    word = "" if unit in UNITS_WITHOUT_WORD or not unit else f" {unit}"
    if word and math.floor(100 * size + 0.5) == 100:
        word = f" {plurals.unit_of_one(unit or '')}"
    if size >= 99.95:
        digits = 0
    elif size >= 9.995:
        digits = 1
    else:
        digits = 2 if size >= 0.0995 else 3
    return f"{plain(number, digits)}{word}"


def _hours(hours: float) -> str:
    size = abs(hours)
    if 23.95 <= size <= 25.19:
        return "1 day" if hours > 0 else "-1 day"
    if size >= 23.95:
        return f"{plain(hours / 24, 1)} days"
    if size >= 0.995:
        return f"{plain(hours, 1)} h"
    if size >= 0.0166:
        return f"{plain(60 * hours, 1)} min"
    return f"{plain(3600 * hours, 1)} s"


def thousands(number: float) -> str:
    """A number without a unit, its thousands set apart.

    >>> thousands(50588.2), thousands(917), thousands(0.25)
    ('50,588', '917', '0.25')
    """
    whole, point, rest = humanise(number, None).partition(".")
    return f"{int(whole):,}{point}{rest}"


def short_unit(unit: str) -> str:
    """The unit where it is short; "per active dataset" stands beside the value already."""
    return unit if unit in SHARES or unit in HOURS else "number"


def difference(number: float | None, unit: str | None) -> str:
    """A signed difference; of shares in points."""
    if number is None:
        return MISSING
    size = humanise(abs(number), unit)
    if unit in SHARES:
        size = _points(plain(abs(100 * number), 1))
    if size.partition(" ")[0] == "0":
        return size
    return f"{'+' if number > 0 else MINUS}{size}"


def _points(number: str) -> str:
    return f"{number} point" if number in ("1", "+1", f"{MINUS}1") else f"{number} points"


def differences(numbers: list[float | None], unit: str | None) -> list[str]:
    """Signed differences in one unit and as many digits as the largest needs, to be compared.

    >>> differences([2.5, 0.25], "hours"), differences([0.0126, 0], "%")
    (['+2.5 h', '+0.25 h'], ['+1.26 points', '0 points'])
    """
    size, word = 1.0, ""
    largest = max((abs(number) for number in numbers if number is not None), default=0.0)
    if unit in SHARES:
        size = 0.01
    elif unit in HOURS:
        units = {"days": 24.0, "h": 1.0, "min": 1 / 60, "s": 1 / 3600}
        name = next((n for n, hours in units.items() if largest * HOURS[unit] >= hours), "s")
        size, word = units[name] / HOURS[unit], f" {name}"
    largest /= size
    digits = 0 if largest >= 100 else 1 if largest >= 10 else 2 if largest >= 1 else 3
    said = [None if number is None else _sign(plain(number / size, digits)) for number in numbers]
    if unit in SHARES:
        return [MISSING if number is None else _points(number) for number in said]
    return [MISSING if number is None else f"{number}{word}" for number in said]


def _sign(number: str) -> str:
    if number.startswith("-"):
        return f"{MINUS}{number[1:]}"
    return number if number == "0" else f"+{number}"


def interval(low: float | None, high: float | None, unit: str | None, signed: bool = False) -> str:
    """Both ends with their unit once; a missing one as "at least" or "at most".

    >>> interval(0.55, 0.74, "%"), interval(2, None, "hours"), interval(1, 3, "requests")
    ('55 to 74 %', 'at least 2 h', '1 to 3 requests')
    """
    words = difference if signed else humanise
    if low is None and high is None:
        return ""
    if high is None:
        return f"at least {words(low, unit)}"
    if low is None:
        return f"at most {words(high, unit)}"
    return span(words(low, unit), words(high, unit))


def span(lowest: str, highest: str) -> str:
    """Two figures as one stretch, with their unit once; of one and several it is several.

    >>> span("1 point", "5 points"), span("0.9 points", "1 point"), span("20 min", "2 h")
    ('1 to 5 points', '0.9 to 1 points', '20 min to 2 h')
    """
    (first, _, word), (last, _, other) = lowest.partition(" "), highest.partition(" ")
    if word == other:
        return f"{first} to {highest}"
    for several, one in ((word, other), (other, word)):
        if several and plurals.unit_of_one(several) == one:
            return f"{first} to {last} {several}"
    return f"{lowest} to {highest}"


def day(value: date | None) -> str:
    """A date in ISO form, as everywhere else in the marts."""
    return MISSING if value is None else value.isoformat()[:10]


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
           "eleven", "twelve")  # fmt: skip


def spelled(number: int) -> str:
    """Small numbers as words, as in running text."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def counted(number: int, word: str, plural: str | None = None) -> str:
    """`1 file`, `2 files`, `no files`, as in running text."""
    return plurals.counted(number, word, plural, none="no")
