"""Time sheets and money: what engineering hours go into, payroll and staff hours."""

from orchestration.sample.draw import Draw


def time_sheets(draw: Draw) -> None:
    """Nothing yet."""


def release_quality(draw: Draw) -> None:
    """Nothing yet."""


def payroll(draw: Draw) -> None:
    """Nothing yet."""


def staff_hours(draw: Draw) -> None:
    """Nothing yet."""
