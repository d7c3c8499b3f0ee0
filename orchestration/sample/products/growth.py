"""Products whose users may choose: a social platform, tools for developers, invoicing, events."""

from orchestration.sample.draw import Draw


def social_platform(draw: Draw) -> None:
    """Nothing yet."""


def developer_tools(draw: Draw) -> None:
    """Nothing yet."""


def invoicing(draw: Draw) -> None:
    """Nothing yet."""


def event_planner(draw: Draw) -> None:
    """Nothing yet."""
