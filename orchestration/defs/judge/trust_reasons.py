"""What a check found, in words that are served as the reason of a grade."""

import math
from datetime import date

from orchestration.plurals import counted

SHARES = {
    1: "received event",
    2: "event",
    3: "received event",
    4: "finish",
    6: "finish",
    7: "finished task",
    20: "numbered event",
}
"""What `n` counts in checks whose statistic is a share of it; elsewhere events."""

AGAINST = (5, 10, 11, 14)
"""Checks whose figures say nothing without what was expected."""

CONTRIBUTIONS = {"actor": ("person", "people"), "event": ("event", "events")}
"""What a sum of amounts is made up of, by what the registry says varies independently."""
UNTOLD = "no later week tells yet that it is over"
"""How a finding begins that holds in a week after its own, whose name it ends with."""
HIDDEN = "figures hidden"
"""Said of what counts few people: it was found, and the numbers are told to nobody."""


def _figure(number: float) -> str:
    """A count that was estimated, never in powers of ten."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"


def describe(check: dict) -> str:
    """Return in words what a check found, with its figures unless they count few people.

    Figures have their unit, and say what was seen before what was expected.
    """
    found_in = check.get("found_in_week")
    if isinstance(found_in, date):
        found = describe(check | {"found_in_week": None})
        return f"{UNTOLD}: {found}, in the week of {found_in}"
    if check.get("fails_next_week") is True:
        return f"{describe(check | {'fails_next_week': None})}; the week after it fails"
    about = "" if check["event_type"] == "*" else f" ({check['event_type']})"
    is_of_time = check["check_id"] == 10 or (check["check_id"], check["event_type"]) == (11, "*")
    if check.get("is_secret") and not is_of_time:
        return f"{_direction(check)}{about}{_property(check)}{_gone_from(check)}, {HIDDEN}"
    return f"{seen(check)}{about}: {figures(check)}{_gone_from(check)}"


def _gone_from(check: dict) -> str:
    """Name the files that lines were taken away from, the first of several."""
    files = check.get("files") or []
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return f", gone from {files[0]}{more}" if files else ""


def seen(check: dict) -> str:
    """Return what exactly was found where the check names it, or else the defect.

    Not of what counts few people: by how much an amount is off tells the amount.
    """
    finding = check.get("finding")
    return finding if isinstance(finding, str) else str(check["defect"])


def _direction(check: dict) -> str:
    """Return the defect; of a volume on which side it lies, which counts nobody."""
    expected = check.get("expected")
    if check["check_id"] != 11 or expected is None or math.isnan(expected):
        return str(check["defect"])
    return f"too {'few' if check['n'] < expected else 'many'} events"


def _property(check: dict) -> str:
    """Name the property whose amounts are off, and not by how much."""
    finding = check.get("finding")
    if check["check_id"] != 12 or not isinstance(finding, str):
        return ""
    return f": {finding.split(' about ')[0]}"


def figures(check: dict) -> str:
    """Return what was seen, of how many, and what was expected, each in its unit.

    Needs the keys `check_id`, `event_type`, `n`, `statistic` and `expected`; of a denominator may
    have what is `measured`, whether it `is_of_amounts`, and by which `unit_key`.
    """
    n, statistic, expected = check["n"], check["statistic"], check["expected"]
    match check["check_id"]:
        case 5 if expected is None or math.isnan(expected):
            return f"none of {counted(n, 'start')} came to an end, and none ever did"
        case 5:
            return (
                f"{_none(round(statistic * n))} of {counted(n, 'start')} came to an end, where "
                f"{_expected(expected)} expected from the source's own past"
            )
        case 8:
            return f"{statistic:,.1f} times as many round stamps as even ones, of {n:,} stamps"
        case 9:
            if statistic >= 0:
                # what warns then is how many were received before they occurred
                return (
                    f"some of {counted(n, 'event')} were received before they occurred, although "
                    f"the median was {statistic:.1f} s after"
                )
            return (
                f"received {-statistic:,.1f} s before they occurred, in the median of "
                f"{counted(n, 'event')}"
            )
        case 10:
            return (
                f"95 % of events came within {statistic:.0f} h, where {expected:.0f} h are declared"
            )
        case 11 if check["event_type"] == "*":
            over = "just over " if round(statistic, 1) <= expected else ""
            return f"no sign of life for {over}{statistic:,.1f} days, {expected:,.0f} at most"
        case 11:
            return (
                f"{counted(n, 'event', none='no')} came in the week, where {_expected(expected)} "
                "expected from the source's own past"
            )
        case 14:
            return _denominator(check)
        case 17:
            return (
                f"{_none(n - round(statistic * n))} of {counted(n, 'planned event type')} not seen"
            )
        case 19:
            return (
                f"at least the last 14 of {counted(n, 'weekly value')} go up and down in turn or "
                "keep close to the centre"
            )
    is_by_instants = not isinstance(check.get("finding"), str)
    if check["check_id"] == 2 and "new ids" in str(check.get("defect")) and is_by_instants:
        return f"at {counted(round(statistic * n), 'instant')}, among {counted(n, 'event')}"
    if check["check_id"] == 20 and "taken away" in str(check.get("defect")):
        return f"{round(statistic * n):,} of {counted(n, 'event')}"
    is_of_lines = (check["check_id"], check["event_type"]) == (12, "*")
    noun = "line" if is_of_lines else SHARES.get(check["check_id"], "event")
    many = "finishes" if noun == "finish" else None
    return f"{round(statistic * n):,} of {counted(n, noun, many)}"


def told_figures(check: dict) -> str | None:
    """Return `figures`, or None where they are hidden or there was nothing to expect."""
    if check["statistic"] is None or check["n"] is None:
        return None
    if check["check_id"] in AGAINST and check["expected"] is None:
        return None
    return figures(check)


def _denominator(check: dict) -> str:
    """How much came, of what, and how much was expected; of a sum also what it is made up of."""
    n, expected = check["n"], _figure(check["expected"])
    what = check.get("measured")
    unit = f" ({_uncapped(what)})" if isinstance(what, str) else ""
    before = "the median of the eight weeks before"
    # NaN where the other rows of the frame have words
    if check.get("is_of_amounts") is True:
        one, many = CONTRIBUTIONS.get(str(check.get("unit_key")), ("item", "items"))
        return (
            f"{100 * check['statistic']:.0f} % of {before}{unit}, from {counted(n, one, many)}, "
            f"where {expected} {'is' if expected == '1' else 'are'} usual"
        )
    return f"{n:,}{unit} in the week, where {before} is {expected}"


def _uncapped(words: str) -> str:
    """Words that go on within a sentence; a name such as KPI keeps its capitals."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _none(count: int) -> str:
    return f"{count:,}" if count else "none"


def _expected(number: float) -> str:
    said = _figure(number)
    return f"{said} {'was' if said == '1' else 'were'}"
