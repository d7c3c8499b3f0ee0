"""What every page stands on: loading, latency, crashes, clicks, and the checkout underneath."""

from orchestration.sample.draw import Draw


def substrate(draw: Draw) -> None:
    """Nothing yet."""


def checkout_technology(draw: Draw) -> None:
    """Nothing yet."""


def reliability_causes(draw: Draw) -> None:
    """Nothing yet."""
