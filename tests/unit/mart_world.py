"""A small warehouse in memory, on which single models run."""

from datetime import date, datetime
from typing import Any

import duckdb

from tests.sql import render_model

MONDAY = date(2024, 1, 1)


class World:
    """An in-memory warehouse; tables are made from dictionaries."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()

    def table(self, name: str, columns: str, rows: list[dict[str, Any]]) -> None:
        self.connection.execute(f"create schema if not exists {name.split('.')[0]}")
        self.connection.execute(f"create table {name} ({columns})")
        names = [column.split()[0] for column in columns.split(",")]
        for row in rows:
            marks = ", ".join("?" for _ in names)
            values = [row.get(column) for column in names]
            self.connection.execute(f"insert into {name} values ({marks})", values)

    def run(self, model: str) -> list[dict[str, Any]]:
        cursor = self.connection.execute(render_model(model))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


PERIODS = (
    "product_id varchar, metric_id varchar, segment_type varchar, segment_value varchar, "
    "period_grain varchar, period_start_date date, value double, numerator double, "
    "denominator double, unit_count bigint, person_count bigint, open_count bigint, "
    "ci_low double, ci_high double, ci_method varchar, unit varchar, is_ripe boolean, "
    "is_provisional boolean, no_value_reason varchar, metric_version integer, as_of_at timestamp"
)


def period(**row: Any) -> dict[str, Any]:
    return {
        "product_id": "cms", "metric_id": "adoption", "segment_type": "all",
        "segment_value": "all", "period_grain": "week", "period_start_date": MONDAY,
        "value": 0.5, "numerator": 5.0, "denominator": 10.0, "unit_count": 10,
        "person_count": 10, "open_count": 0, "unit": "%", "is_ripe": True,
        "is_provisional": False, "metric_version": 1, "as_of_at": datetime(2024, 6, 1),
    } | row  # fmt: skip


KEY = "product_id varchar, metric_id varchar, period_grain varchar, period_start_date date"
