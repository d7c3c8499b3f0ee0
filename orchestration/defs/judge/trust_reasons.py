"""What a check found, in words that are served as the reason of a grade."""


def _figure(number: float) -> str:
    """A count that was estimated, never in powers of ten."""
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"


def describe(check: dict) -> str:
    """Return in words what a check found, with its figures unless they count few people."""
    n, statistic, expected = check["n"], check["statistic"], check["expected"]
    about = "" if check["event_type"] == "*" else f" ({check['event_type']})"
    is_of_time = check["check_id"] == 10 or (check["check_id"], check["event_type"]) == (11, "*")
    if check.get("is_secret") and not is_of_time:
        return f"{check['defect']}{about}"
    if check["check_id"] == 5:
        figures = (
            f"{round(statistic * n)} of {n} starts ended, {_figure(expected)} by its own history"
        )
    elif check["check_id"] == 8:
        figures = f"{statistic:.1f} times as many round stamps as even ones, of {n}"
    elif check["check_id"] == 9:
        figures = f"received {statistic:.1f} s after they occurred, in the median of {n} events"
    elif check["check_id"] == 10:
        figures = f"95 % within {statistic:.0f} h, declared {expected:.0f} h"
    elif check["check_id"] == 11 and check["event_type"] != "*":
        figures = f"{n:,} came where {_figure(expected)} were to be expected"
    elif check["check_id"] == 11:
        figures = f"no sign of life for {statistic:,.1f} days, {expected:,.0f} at most"
    elif check["check_id"] == 14:
        figures = f"{n:,}, where the median of the eight weeks before is {_figure(expected)}"
    elif check["check_id"] == 19:
        figures = f"{n} values"
    elif check["check_id"] == 17:
        figures = f"{n - round(statistic * n)} of {n} planned types unseen"
    else:
        figures = f"{round(statistic * n)} of {n}"
    return f"{check['defect']}{about}: {figures}"
