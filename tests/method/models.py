"""Run models of the project on rows made in a test, their text altered where a test wants it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from tests.sql import PROJECT, render, render_model

ALTERATIONS: list[tuple[str, str]] = []
"""What is replaced in rendered SQL just now."""
USED: set[str] = set()
"""The alterations that some SQL held."""


@contextmanager
def altered(old: str, new: str) -> Iterator[None]:
    """Replace `old` by `new` in all SQL that is rendered meanwhile; `old` has to occur."""
    ALTERATIONS.append((old, new))
    USED.discard(old)
    try:
        yield
        assert old in USED, f"no model that ran holds {old!r}"
    finally:
        ALTERATIONS.remove((old, new))


def sql(text: str) -> str:
    """Render SQL that calls macros."""
    return _altered(render(text))


def model(name: str) -> str:
    """Render a model's select."""
    return _altered(render_model(name))


def _altered(text: str) -> str:
    for old, new in ALTERATIONS:
        if old in text:
            USED.add(old)
            text = text.replace(old, new)
    return text


def build(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Build models as tables, in the order given."""
    for name in names:
        (path,) = PROJECT.glob(f"models/**/{name}.sql")
        relation = f"{path.relative_to(PROJECT / 'models').parts[0]}.{name}"
        found = connection.execute(
            "select table_type from information_schema.tables "
            "where table_schema || '.' || table_name = ?",
            [relation],
        ).fetchone()
        if found is not None:
            connection.execute(f"drop {'view' if found[0] == 'VIEW' else 'table'} {relation}")
        connection.execute(f"create table {relation} as {model(name)}")


def table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[Mapping[str, Any]]
) -> None:
    """Create a table of `column type, ...` and fill it; what a row leaves out is NULL."""
    connection.execute(f"create schema if not exists {name.split('.')[0]}")
    connection.execute(f"create table {name} ({columns})")
    names = [column.split()[0] for column in columns.split(", ")]
    marks = ", ".join("?" * len(names))
    for row in rows:
        assert set(row) <= set(names), f"{name} has no column for {set(row) - set(names)}"
        connection.execute(
            f"insert into {name} values ({marks})", [row.get(column) for column in names]
        )
