"""History strips and small trend lines as inline SVG, drawn without script."""

import math
from collections.abc import Sequence
from html import escape

from orchestration.plurals import counted

SPARK_WIDTH, SPARK_HEIGHT = 130, 28


def strip(severities: Sequence[int | None], name: str, strip_id: str) -> str:
    """A row of cells, one a week: 0 passed, 1 warned, 2 failed, 3 blocked, None not run."""
    cell = 6
    paths = []
    for severity in (None, 0, 1, 2, 3):
        runs = _runs([s == severity for s in severities])
        if runs:
            top, height = (2, 10) if severity in (None, 0) else (0, 14)
            steps = "".join(
                f"M{start * cell} {top}h{(end - start) * cell - 1}v{height}"
                f"h-{(end - start) * cell - 1}z"
                for start, end in runs
            )
            kind = "none" if severity is None else str(severity)
            paths.append(f'<path class="s{kind}" d="{steps}"/>')
    width = cell * len(severities)
    label = escape(f"{name}: {strip_words(severities)}", quote=True)
    return (
        f'<svg class="strip" viewBox="0 0 {width} 14" preserveAspectRatio="none" role="img" '
        f'aria-labelledby="{strip_id}"><title id="{strip_id}">{label}</title>{"".join(paths)}</svg>'
    )


def strip_words(severities: Sequence[int | None]) -> str:
    """The strip in words."""
    counts = [
        (sum(1 for s in severities if s == severity), words)
        for severity, words in ((0, "passed"), (1, "warned"), (2, "failed"), (3, "blocked"))
    ]
    said = ", ".join(f"{words} in {counted(count, 'week')}" for count, words in counts if count)
    return said or "did not run"


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    runs, start = [], None
    for index, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = index
        elif not flag and start is not None:
            runs.append((start, index))
            start = None
    return runs


def spark(values: Sequence[float | None], centre: float | None = None) -> str:
    """A line of values with its centre, the last one marked; it has no words of its own.

    Blank where nothing is to draw.
    """
    shown = [value for value in values if value is not None and math.isfinite(value)]
    if not shown:
        return ""
    drawn = shown if centre is None else [*shown, centre]
    low, high = min(drawn), max(drawn)
    step = (SPARK_WIDTH - 6) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return SPARK_HEIGHT - 3 - share * (SPARK_HEIGHT - 6)

    steps, pen, dot = "", "M", ""
    for index, value in enumerate(values):
        if value is None or not math.isfinite(value):
            pen = "M"
            continue
        x = 3 + index * step
        steps += f"{pen}{x:.0f} {y(value):.0f}"
        pen, dot = "L", f'<circle class="dot" cx="{x:.0f}" cy="{y(value):.0f}" r="2"/>'
    line = "" if centre is None else f'<path class="centre" d="M3 {y(centre):.0f}H{SPARK_WIDTH}"/>'
    return (
        f'<svg class="chart spark" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" aria-hidden="true">'
        f'{line}<path class="value" d="{steps}"/>{dot}</svg>'
    )


CURVE_WIDTH, CURVE_HEIGHT, CURVE_LEFT, CURVE_BOTTOM = 220, 84, 30, 16
SHORTEST, LONGEST = 1 / 60, 24 * 28
"""Hours at both ends of the scale: a minute and four weeks."""
LAG_TICKS = ((1 / 60, "1 min"), (1, "1 h"), (24, "1 day"), (168, "1 week"))


def _lag_x(hours: float) -> float:
    """Lags reach from seconds to weeks: only a log scale shows both ends."""
    share = math.log(min(max(hours, SHORTEST), LONGEST) / SHORTEST) / math.log(LONGEST / SHORTEST)
    return CURVE_LEFT + share * (CURVE_WIDTH - CURVE_LEFT - 4)


def lateness_curve(
    points: Sequence[tuple[float, float]], declared: float | None, label: str, curve_id: str
) -> str:
    """Share of events that have arrived, 0 to 1, after so many hours; the declared lateness."""

    def y(share: float) -> float:
        return 4 + (1 - share) * (CURVE_HEIGHT - CURVE_BOTTOM - 4)

    parts = [
        f'<path class="grid" d="M{CURVE_LEFT} {y(share):.1f}H{CURVE_WIDTH}"/>'
        f'<text class="tick" x="{CURVE_LEFT - 4}" y="{y(share) + 3:.1f}">{words}</text>'
        for share, words in ((0, "0"), (0.5, "50 %"), (1, "all"))
    ]
    parts += [
        f'<text class="month" x="{_lag_x(hours) + (9 if hours < 1 else 0):.1f}" '
        f'y="{CURVE_HEIGHT - 3}">{words}</text>'
        for hours, words in LAG_TICKS
    ]
    if declared is not None:
        parts.append(f'<path class="limit" d="M{_lag_x(declared):.1f} 4V{y(0):.1f}"/>')
    # within the least lag nothing has arrived: the curve climbs in steps
    steps = f"M{CURVE_LEFT} {y(0):.1f}" + "".join(
        f"H{_lag_x(hours):.1f}V{y(share):.1f}" for hours, share in points
    )
    parts.append(f'<path class="value" d="{steps}"/>')
    return (
        f'<svg class="chart curve" viewBox="0 0 {CURVE_WIDTH} {CURVE_HEIGHT}" role="img" '
        f'aria-labelledby="{curve_id}"><title id="{curve_id}">{escape(label, quote=True)}</title>'
        f"{''.join(parts)}</svg>"
    )
