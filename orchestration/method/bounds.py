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


def missing_time_bounds(total: float, missing_total: float, count: int) -> Interval:
    """Return the least and the greatest mean of min(T, tau) where finishes are missing.

    Args:
        total: Sum of min(T, tau) over all items, those without a finish counting tau.
        missing_total: The part of it that items bring whose finish may be missing.
        count: Items, at least 1.

    All the missing took no time, or all took tau and more. Source: Manski 1989.
    """
    if not 0 <= missing_total <= total or count < 1:
        raise ValueError(f"{missing_total} of {total} over {count} items is impossible")
    return Interval((total - missing_total) / count, total / count)


def is_wider_than(bounds: Interval, margin: float, scale: str, value: float) -> bool:
    """Tell whether bounds are wider than a margin that is `absolute` or a `ratio` of the value."""
    allowed = margin if scale == "absolute" else margin * abs(value)
    # a width of exactly the margin is none beyond it, whatever its last digit is
    return bool(bounds.high - bounds.low > allowed * (1 + 1e-9))
