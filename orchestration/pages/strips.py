"""History strips and small trend lines as inline SVG, drawn without script."""

import math
from collections.abc import Sequence
from html import escape

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
    said = ", ".join(f"{words} in {count} weeks" for count, words in counts if count)
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
    low = min([*shown, *([] if centre is None else [centre])])
    high = max([*shown, *([] if centre is None else [centre])])
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
