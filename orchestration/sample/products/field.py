"""Out of the office: drivers and luggage, and the desks behind them."""

from orchestration.sample.draw import Draw


def driver_navigation(draw: Draw) -> None:
    """Nothing yet."""


def luggage(draw: Draw) -> None:
    """Nothing yet."""


def support_work(draw: Draw) -> None:
    """Nothing yet."""


def dataset_requests(draw: Draw) -> None:
    """Nothing yet."""


def patch_times(draw: Draw) -> None:
    """Nothing yet."""
