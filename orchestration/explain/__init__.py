"""`steelyard explain`: one number, from its definition down to the landing files."""

from orchestration.explain.number import Number, Parts, explain

__all__ = ["Number", "Parts", "explain"]
