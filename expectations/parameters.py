"""The further limits of single checks, as a new workspace has them."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

SEED = Path(__file__).parents[1] / "seeds" / "defaults" / "check_parameters.csv"
Parameter = tuple[int, str]
"""Number of the check, and the limit's name."""


@cache
def default_rows() -> dict[Parameter, dict[str, Any]]:
    """Return the rows of the default `check_parameters.csv`, typed, by check and name."""
    with SEED.open(newline="", encoding="utf-8") as file:
        rows: list[dict[str, Any]] = [
            row
            | {
                "check_id": int(row["check_id"]),
                "value": float(row["value"]),
                "version": int(row["version"]),
            }
            for row in csv.DictReader(file)
        ]
    return {(row["check_id"], row["parameter"]): row for row in rows}
