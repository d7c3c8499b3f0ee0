"""What stands below a chart: what its lines are, which launches it marks, whose limits are old."""

from collections.abc import Sequence
from datetime import date

from orchestration.pages.charts import Point, launch_positions
from orchestration.pages.figures import day, listed
from orchestration.pages.marts import Row
from orchestration.pages.words import CHART_METHODS, PERIODS

SCALES = {
    "log": "; log scale: the line is a geometric mean, below the plain mean that a reading gives",
    "logit": "; scale of log odds: the line is not the plain share that a reading gives",
}


def chart_note(charted: list[Row], grain: str) -> str:
    """What the lines of the chart are."""
    if not charted:
        return f"{PERIODS[grain][1]}; no limits yet"
    last = charted[-1]
    if last["limit_state"] == "learning" or not last["chart_method"]:
        return f"{PERIODS[grain][1]}; no limits yet"
    method = CHART_METHODS.get(last["chart_method"], last["chart_method"])
    scale = SCALES.get(last["chart_scale"], "")
    return f"{PERIODS[grain][1]}; {method}, limits {last['limit_state']}{scale}"


def launch_note(points: Sequence[Point], launches: Sequence[tuple[date, str]]) -> str:
    """That a vertical line is a launch, for those without a pointer; blank where none is drawn."""
    drawn = [day(when) for _, when, _ in launch_positions(points, launches)]
    return f"; upright line: launch of {listed(drawn)}" if drawn else ""


def early_note(points: Sequence[Point]) -> str:
    """That diamonds are readings which will move; blank where none is drawn."""
    is_drawn = any(point.early is not None for point in points)
    return "; diamonds: early readings, which will move" if is_drawn else ""


def segment_note(segments: list[Row]) -> str:
    """That the limits follow an accepted change, or fire on without a recorded cause."""
    if not segments:
        return ""
    last = max(segments, key=lambda row: row["segment_number"])
    said = []
    if last["segment_number"] > 1:
        cause = f": {last['what_happened']}" if last["what_happened"] else ""
        said.append(f"New limits from {day(last['start_date'])}{cause}.")
    if last["has_stale_limits"]:
        said.append(
            "These limits have fired for sixteen periods and no cause is recorded: they are stale."
        )
    return " ".join(said)
