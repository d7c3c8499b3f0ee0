"""`steelyard explain`: one number, from its definition down to the landing files."""

from orchestration.explain.number import explain

__all__ = ["explain"]
