"""The folder that holds what belongs to an organisation: registry, input, warehouse, output."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """Paths of one workspace; nothing is created by looking."""

    home: Path
    scratch: str = ""
    """Name of a scratch run, which has a warehouse and output of its own; or blank."""

    @classmethod
    def from_environment(cls, default: str = "workspace") -> "Workspace":
        """Take the folder that `STEELYARD_HOME` names, `default` where it is not set."""
        return cls(Path(os.environ.get("STEELYARD_HOME") or default).resolve())

    @property
    def seeds(self) -> Path:
        return self.home / "seeds"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        if self.scratch:
            return self.home / "scratch" / self.scratch / "warehouse"
        return self.home / "warehouse"

    @property
    def database(self) -> Path:
        return self.warehouse / "steelyard.duckdb"

    @property
    def dbt_target(self) -> Path:
        return self.warehouse / "dbt"

    @property
    def publish(self) -> Path:
        if self.scratch:
            return self.home / "scratch" / self.scratch / "publish"
        return self.home / "publish"

    @property
    def lock(self) -> Path:
        return self.home / ".lock"
