"""What Steelyard knows, in the words of open standards: contracts of sources, results of checks."""

from orchestration.export.write import KINDS, export

__all__ = ["KINDS", "export"]
