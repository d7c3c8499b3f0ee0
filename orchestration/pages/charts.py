"""Process charts as inline SVG, drawn without script."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from html import escape

from orchestration.pages.figures import HOURS, counted, day, humanise

WIDTH, HEIGHT = 360, 178
LEFT, RIGHT, TOP, BOTTOM = 46, 6, 10, 22
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Point:
    """One period of a chart; all values in natural units of the metric."""

    start_date: date
    value: float | None
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    is_ripe: bool = True
    is_struck: bool = False
    """Trust C: drawn crossed out, never as a good value."""
    is_withheld: bool = False
    is_locked: bool = True
    segment: int | None = None
    run_rule: int = 0
    """Length of the run that fired here, 0 where none did."""
    is_point_rule: bool = False
    side: str | None = None
    """favourable or unfavourable, where a rule fired."""
    early: float | None = None
    """What the items of a period that is not complete say so far; it will move."""
    early_ends: tuple[float, float] | None = None
    """Its 95 % interval."""


@dataclass
class _Canvas:
    """Scales of one chart and the SVG parts drawn so far."""

    count: int
    low: float
    high: float
    parts: list[str] = field(default_factory=list)

    def x(self, index: float) -> float:
        step = (WIDTH - LEFT - RIGHT) / max(self.count, 1)
        return LEFT + (index + 0.5) * step

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    def path(self, kind: str, points: Sequence[tuple[float, float]]) -> None:
        if len(points) > 1:
            steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            self.parts.append(f'<path class="{kind}" d="M{steps}"/>')


def axis_unit(points: Sequence[Point], unit: str) -> tuple[str, float]:
    """The unit in which an axis is read easily, and how many of `unit` it holds."""
    highest = max(_numbers(points), default=0.0)
    hours = HOURS.get(unit)
    if hours is None or not highest:
        return unit, 1.0
    if highest * hours >= 48:
        return "days", 24 / hours
    if highest * hours >= 2:
        return "hours", 1 / hours
    return (
        ("minutes", 1 / 60 / hours) if highest * hours >= 1 / 30 else ("seconds", 1 / 3600 / hours)
    )


def _numbers(points: Sequence[Point]) -> list[float]:
    return [
        n
        for p in points
        for n in (p.value, p.centre, p.lower, p.upper, p.early)
        if n is not None and math.isfinite(n)
    ]


def process_chart(
    points: Sequence[Point],
    unit: str,
    name: str,
    chart_id: str,
    launches: Sequence[tuple[date, str]] = (),
) -> str:
    """An SVG of values with centre, limits, launches and marked signals; text says the same."""
    drawn = launch_positions(points, launches)
    words = chart_words(points, unit) + "".join(
        f", {what} launched {day(on)}" for _, on, what in drawn
    )
    label = escape(f"{name}: {words}", quote=True)
    unit, size = axis_unit(points, unit)
    points = [_scaled(point, size) for point in points]
    numbers = _numbers(points)
    if not numbers:
        return ""
    ticks = nice_ticks(min(numbers), max(numbers))
    margin = (max(numbers) - min(numbers)) * 0.04
    canvas = _Canvas(
        count=len(points),
        low=min(ticks[0], min(numbers) - (margin if min(numbers) else 0)),
        high=max(ticks[-1], max(numbers) + margin),
    )
    _draw_axes(canvas, points, ticks, unit)
    _draw_withheld(canvas, points)
    _draw_launches(canvas, drawn)
    _draw_limits(canvas, points)
    _draw_values(canvas, points)
    _draw_early(canvas, points)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{chart_id}"><title id="{chart_id}">{label}</title>'
        f"{''.join(canvas.parts)}</svg>"
    )


def _scaled(point: Point, size: float) -> Point:
    if size == 1:
        return point
    levels = {
        name: None if (level := getattr(point, name)) is None else level / size
        for name in ("value", "centre", "lower", "upper", "early")
    }
    ends = point.early_ends and (point.early_ends[0] / size, point.early_ends[1] / size)
    return replace(point, **levels, early_ends=ends)


def chart_words(points: Sequence[Point], unit: str) -> str:
    """The chart in one sentence, for those who don't see it."""
    ripe = [p for p in points if p.is_ripe and p.value is not None and not p.is_struck]
    if not ripe:
        return f"{len(points)} periods, none of them with a value that can be used"
    last = ripe[-1]
    words = f"{len(points)} periods, the latest complete one ({day(last.start_date)}) at "
    words += humanise(last.value, unit)
    if last.centre is not None:
        words += f", centre line {humanise(last.centre, unit)}"
    if last.lower is not None:
        words += f", lower limit {humanise(last.lower, unit)}"
    if last.upper is not None:
        words += f", upper limit {humanise(last.upper, unit)}"
    marked = mark_signals(points)
    for side in ("favourable", "unfavourable"):
        count = sum(1 for mark in marked if mark == side)
        words += f", {count} marked as {side}" if count else ""
    gaps = sum(1 for p in points if p.is_withheld)
    words += f", {gaps} withheld" if gaps else ""
    early = [p.early for p in points if p.early is not None]
    if early:
        words += f", {counted(len(early), 'early reading')} of weeks that are not complete, "
        words += f"the latest {humanise(early[-1], unit)}"
    return words


def mark_signals(points: Sequence[Point]) -> list[str | None]:
    """Side of each point that belongs to a signal: fired points, and all points of fired runs."""
    marks: list[str | None] = [None] * len(points)
    for index, point in enumerate(points):
        if point.is_point_rule:
            marks[index] = point.side
        left = point.run_rule
        for back in range(index, -1, -1):
            if left == 0:
                break
            earlier = points[back]
            # a value on the line, a gap or an unripe week neither extends nor breaks the run
            if earlier.value is None or not earlier.is_ripe or earlier.value == earlier.centre:
                continue
            marks[back] = marks[back] or point.side
            left -= 1
    return marks


def nice_ticks(low: float, high: float) -> list[float]:
    """Three to five round numbers that span the values."""
    if high - low <= abs(high) * 1e-9:
        lowest = low - abs(low) * 0.5 if low else 0.0
        low, high = lowest, high + (abs(high) or 1) * 0.5
    raw = (high - low) / 3
    power = 10 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, max(last, first) + 1)]


def _draw_axes(canvas: _Canvas, points: Sequence[Point], ticks: Sequence[float], unit: str) -> None:
    for tick in ticks:
        y = canvas.y(tick)
        canvas.parts.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            f'<text x="{LEFT - 5}" y="{y + 3.5:.1f}" class="tick">{axis_label(tick, unit)}</text>'
        )
    last_label = -100.0
    months = {p.start_date.strftime("%Y-%m"): i for i, p in reversed(list(enumerate(points)))}
    for month, index in sorted(months.items()):
        x = canvas.x(index)
        if x - last_label < 62 or x > WIDTH - 26:
            continue
        last_label = x
        words = f"{MONTHS[int(month[5:]) - 1]} {month[2:4]}"
        canvas.parts.append(
            f'<path class="grid" d="M{x:.1f} {HEIGHT - BOTTOM}v4"/>'
            f'<text x="{x:.1f}" y="{HEIGHT - 6}" class="month">{words}</text>'
        )


def axis_label(tick: float, unit: str) -> str:
    """A short tick label; the unit stands in the caption."""
    if unit in ("%", "share"):
        return f"{100 * tick:.3g} %"
    if abs(tick) >= 10000:
        return f"{tick / 1000:.3g}k"
    return f"{tick:.4g}"


def _draw_withheld(canvas: _Canvas, points: Sequence[Point]) -> None:
    half = (canvas.x(1) - canvas.x(0)) / 2
    for index, point in enumerate(points):
        if point.is_withheld:
            x = canvas.x(index) - half
            canvas.parts.append(
                f'<rect class="withheld" x="{x:.1f}" y="{TOP}" width="{2 * half:.1f}" '
                f'height="{HEIGHT - TOP - BOTTOM}"/>'
            )


def launch_positions(
    points: Sequence[Point], launches: Sequence[tuple[date, str]]
) -> list[tuple[int, date, str]]:
    """Index of the period of each launch, with its day and words; without those not charted."""
    starts = [point.start_date for point in points]
    return [
        (bisect_right(starts, when) - 1, when, what)
        for when, what in launches
        if starts and starts[0] <= when < starts[-1] + _step(starts)
    ]


def _step(starts: Sequence[date]) -> timedelta:
    """How far the last period reaches: as far as the one before it."""
    return starts[-1] - starts[-2] if len(starts) > 1 else timedelta(weeks=1)


def _draw_launches(canvas: _Canvas, launches: Sequence[tuple[int, date, str]]) -> None:
    for index, when, what in launches:
        line = f'd="M{canvas.x(index):.1f} {TOP}V{HEIGHT - BOTTOM}"'
        # the wide path is not seen: it makes the thin line easy to point at
        canvas.parts.append(
            f'<g class="launch"><title>{escape(f"{day(when)}: {what}")}</title>'
            f'<path class="reach" {line}/><path {line}/></g>'
        )


def _draw_limits(canvas: _Canvas, points: Sequence[Point]) -> None:
    half = (canvas.x(1) - canvas.x(0)) / 2
    for name, kind in (("centre", "centre"), ("lower", "limit"), ("upper", "limit")):
        line: list[tuple[float, float]] = []
        before: tuple | None = None
        for index, point in enumerate(points):
            level = getattr(point, name)
            now = (point.segment, point.is_locked, level is None)
            if now != before:
                canvas.path(_limit_class(kind, before), line)
                line, before = [], now
            if level is not None:
                x, y = canvas.x(index), canvas.y(level)
                line += [(x - half, y), (x + half, y)]
        canvas.path(_limit_class(kind, before), _thinned(line))


def _limit_class(kind: str, state: tuple | None) -> str:
    return kind if state is None or state[1] else f"{kind} provisional"


def _thinned(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same line without points in the middle of level stretches."""
    kept = [
        p
        for i, p in enumerate(line)
        if i in (0, len(line) - 1) or not (line[i - 1][1] == p[1] == line[i + 1][1])
    ]
    return kept


def _draw_values(canvas: _Canvas, points: Sequence[Point]) -> None:
    line: list[tuple[float, float]] = []
    was_ripe = True
    for index, point in enumerate(points):
        is_drawn = point.value is not None and not point.is_struck
        if not is_drawn:
            canvas.path("value" if was_ripe else "value unripe", line)
            line = []
            continue
        assert point.value is not None
        here = (canvas.x(index), canvas.y(point.value))
        if point.is_ripe != was_ripe:
            canvas.path("value" if was_ripe else "value unripe", line)
            line = line[-1:]
        line.append(here)
        was_ripe = point.is_ripe
    canvas.path("value" if was_ripe else "value unripe", line)
    for index, (point, mark) in enumerate(zip(points, mark_signals(points), strict=True)):
        if point.value is not None:
            canvas.parts.append(_dot(canvas.x(index), canvas.y(point.value), point, mark))


def _dot(x: float, y: float, point: Point, mark: str | None) -> str:
    if point.is_struck:
        return f'<path class="struck" d="M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6"/>'
    if not point.is_ripe:
        return f'<circle class="unripe" cx="{x:.1f}" cy="{y:.1f}" r="2.2"/>'
    if mark == "unfavourable":
        # a square, so that the side is told by shape as well as by colour
        return f'<rect class="{mark}" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'
    if mark == "favourable":
        return f'<circle class="{mark}" cx="{x:.1f}" cy="{y:.1f}" r="3.4"/>'
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="1.7"/>'


def _draw_early(canvas: _Canvas, points: Sequence[Point]) -> None:
    """Diamonds with their intervals, joined to nothing: no rule looks at them."""
    for index, point in enumerate(points):
        if point.early is None:
            continue
        x, y = canvas.x(index), canvas.y(point.early)
        if point.early_ends:
            # an interval among few items is wide: it must not flatten the chart
            ends = [min(max(end, canvas.low), canvas.high) for end in point.early_ends]
            whisker = f"M{x:.1f} {canvas.y(ends[0]):.1f}V{canvas.y(ends[1]):.1f}"
            canvas.parts.append(f'<path class="early" d="{whisker}"/>')
        canvas.parts.append(f'<path class="early mark" d="M{x - 3:.1f} {y:.1f}l3 -3 3 3 -3 3z"/>')
