"""Work tracker: items, iterations, merge requests and the stories behind them."""

from orchestration.sample.draw import Draw


def work_tracker(draw: Draw) -> None:
    """Nothing yet."""
