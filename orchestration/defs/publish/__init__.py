"""Publish: marts, contract and pages."""

from orchestration.defs.publish.publish import Published, publish

__all__ = ["Published", "publish"]
