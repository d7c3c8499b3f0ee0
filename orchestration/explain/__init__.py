"""`steelyard explain`: one number, from its definition down to the landing files."""

from orchestration.explain.command import explain
from orchestration.explain.number import Number, Parts

__all__ = ["Number", "Parts", "explain"]
