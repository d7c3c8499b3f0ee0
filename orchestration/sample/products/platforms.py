"""Platforms without a page: pipelines, models, topics, migrations, mail and notifications."""

from orchestration.sample.draw import Draw


def data_pipelines(draw: Draw) -> None:
    """Nothing yet."""


def ml_platform(draw: Draw) -> None:
    """Nothing yet."""


def streaming(draw: Draw) -> None:
    """Nothing yet."""


def migration(draw: Draw) -> None:
    """Nothing yet."""


def email_service(draw: Draw) -> None:
    """Nothing yet."""


def notifications(draw: Draw) -> None:
    """Nothing yet."""
