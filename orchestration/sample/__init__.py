"""The sample organisation: fourteen KPIs of invented products, sixty weeks of invented events."""

from orchestration.sample.build import build
from orchestration.sample.stories import STORIES, Story

__all__ = ["STORIES", "Story", "build"]
