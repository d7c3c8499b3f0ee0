"""What can be said where observations are missing, without guessing them."""

from orchestration.method.intervals import Interval


def missing_finish_bounds(met: int, matched: int, mature: int) -> Interval:
    """Return the least and the greatest share that met its target.

    Args:
        met: Items seen to meet it.
        matched: Items whose finish was seen.
        mature: Items whose time is over, seen to finish or not; at least `matched`.

    All the missing missed, or all of them met. Source: Manski 1989. A width beyond the metric's
    margin makes its trust C at best.
    """
    if not 0 <= met <= matched <= mature or mature == 0:
        raise ValueError(f"{met} met of {matched} matched of {mature} mature items is impossible")
    return Interval(met / mature, (met + mature - matched) / mature)
