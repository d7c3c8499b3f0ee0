"""The one kind of error that is the user's to mend, and one for a run that failed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass
class UserError(Exception):
    """Wrong input: shown as one line, `file:line: what. do`, without a traceback."""

    what: str
    """What is wrong, a phrase without a full stop."""
    do: str
    """What to do about it, a sentence."""
    file: Path | str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = "" if self.file is None else f"{self.file}:"
        place += "" if self.line is None else f"{self.line}:"
        return f"{place} {self.what}. {self.do}".strip()


@dataclass
class RunError(Exception):
    """A step of a run failed; nothing was published, the last publication stays."""

    what: str
    """What failed, a phrase without a full stop."""
    detail: str = ""
    """What the tool said, may have several lines."""

    def __str__(self) -> str:
        return f"{self.what}:\n{self.detail}" if self.detail else self.what
