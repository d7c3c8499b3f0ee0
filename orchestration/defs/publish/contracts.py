"""The marts' contracts as their YAML states them: columns, types, grain and descriptions."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

MARTS = Path(__file__).resolve().parents[3] / "dbt_project" / "models" / "marts"


@dataclass(frozen=True)
class Column:
    """One column of a served table."""

    name: str
    data_type: str
    description: str
    is_required: bool


@dataclass(frozen=True)
class Contract:
    """One served table; `grain` names the columns that tell its rows apart."""

    name: str
    description: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    clustered_by: str | None = None
    """The date by which its rows lie, where it grows with the events: news is at the end."""

    @property
    def row_order(self) -> str:
        return ", ".join([*([self.clustered_by] if self.clustered_by else []), *self.grain])

    @property
    def column_names(self) -> str:
        return ", ".join(column.name for column in self.columns)

    def create_statement(self, table: str) -> str:
        """DDL of an empty table with the contract's types and not-null constraints."""
        columns = ", ".join(
            f"{c.name} {c.data_type}{' not null' if c.is_required else ''}" for c in self.columns
        )
        return f"create table {table} ({columns})"


# the same in C, where PyYAML was built with it: thousands of lines take seconds without
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read_contracts(folder: Path = MARTS) -> list[Contract]:
    """All served tables, by name: models of the marts that declare a grain."""
    models = [
        model
        for path in sorted(folder.rglob("_*__models.yml"))
        for model in yaml.load(path.read_text(encoding="utf-8"), LOADER)["models"]
        if "columns" in model
    ]
    return sorted((_contract(model) for model in models), key=lambda contract: contract.name)


def _contract(model: dict) -> Contract:
    columns = tuple(
        Column(
            name=column["name"],
            data_type=column["data_type"],
            description=column["description"].strip(),
            is_required="constraints" in column,
        )
        for column in model["columns"]
    )
    meta = model["config"]["meta"]
    return Contract(
        model["name"],
        model["description"].strip(),
        tuple(meta["grain"]),
        columns,
        meta.get("clustered_by"),
    )
