"""How much worse a balancing metric got, and how much worse it may get, in words."""

import re

from orchestration.pages.figures import difference, humanise, interval, short_unit, span
from orchestration.pages.marts import Row


def worsening_words(state: Row) -> str:
    """How much worse it got, with the 90 % interval that decides."""
    is_ratio = state["margin_scale"] == "ratio"
    unit = short_unit(state["unit"])
    low, high, amount = state["ci_low"], state["ci_high"], state["difference"]
    if is_ratio:
        # relative to before: a change of 0.05 is 5 %
        unit = "%"
    size = _size(amount, unit, is_ratio)
    words = "no difference"
    if not _is_nought(size):
        words = f"{'worse' if amount > 0 else 'better'} by {size}"
    if low is None or high is None:
        ends = interval(low, high, unit, signed=True)
        ends = f"worsening {re.sub(' points?$', ' %', ends) if is_ratio else ends}" if ends else ""
    else:
        ends = _ends_words(low, high, unit, is_ratio)
    return f"{words} (90 % interval: {ends})" if ends else words


def _size(number: float, unit: str, is_ratio: bool) -> str:
    return humanise(abs(number), "%") if is_ratio else difference(abs(number), unit).lstrip("+")


def _is_nought(size: str) -> bool:
    return size.partition(" ")[0] == "0"


def _ends_words(low: float, high: float, unit: str, is_ratio: bool) -> str:
    """Both ends of a worsening, each said as better or worse: no sign has to be read.

    >>> _ends_words(-0.116, -0.041, "%", False), _ends_words(-0.014, 0.049, "%", False)
    ('4.1 to 11.6 points better', '1.4 points better to 4.9 points worse')
    """
    sizes = [_size(number, unit, is_ratio) for number in (low, high)]
    if low < 0 < high and not any(map(_is_nought, sizes)):
        return f"{sizes[0]} better to {sizes[1]} worse"
    if _is_nought(sizes[0]) and _is_nought(sizes[1]):
        return "no difference"
    is_worse = high > 0 and not _is_nought(sizes[1])
    nearest, farthest = sizes if is_worse else sizes[::-1]
    side = "worse" if is_worse else "better"
    if _is_nought(nearest):
        return f"0 to {farthest} {side}"
    return f"{span(nearest, farthest)} {side}"


def margin_words(state: Row) -> str:
    """The declared margin: in points, in units, or in percent of before."""
    if state["margin_scale"] == "ratio":
        return f"{humanise(abs(state['margin']), '%')} of before"
    return difference(abs(state["margin"]), short_unit(state["unit"])).removeprefix("+")
