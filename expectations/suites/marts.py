"""Expectations about served tables: one suite a mart, made of its contract and of what it means."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal

import great_expectations as gx
from great_expectations.expectations.core.expect_column_pair_values_a_to_be_greater_than_b import (
    ExpectColumnPairValuesAToBeGreaterThanB,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
    ExpectColumnValuesToBeInSet,
)
from great_expectations.expectations.core.expect_column_values_to_be_null import (
    ExpectColumnValuesToBeNull,
)
from great_expectations.expectations.core.expect_column_values_to_be_unique import (
    ExpectColumnValuesToBeUnique,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
    ExpectCompoundColumnsToBeUnique,
)
from great_expectations.expectations.core.expect_table_columns_to_match_set import (
    ExpectTableColumnsToMatchSet,
)
from great_expectations.expectations.expectation import Expectation

from expectations.suites.families import family
from expectations.suites.instruments import GX_SEVERITIES
from expectations.suites.mart_rules import DERIVED, NOT_NULL, NULL, ORDERED, RANGES, SETS, Rule

KEYS = {
    "product_id": "dim_products",
    "metric_id": "dim_metrics",
    "kpi_id": "dim_kpis",
    "source_id": "dim_sources",
}
"""Columns that name a row of a dimension."""
MAY_BE_UNKNOWN = (("fct_quarantined_events", "source_id"),)
"""What was set aside may name a source that nobody knows."""


def mart_suite(name: str, grain: Sequence[str], columns: Sequence[str]) -> gx.ExpectationSuite:
    """Return the suite of one served table.

    Args:
        name: Table.
        grain: Columns that tell its rows apart.
        columns: All columns of its contract.
    """
    made = [
        *_of_contract(name, grain, columns),
        *_of_dimensions(name, columns),
        *_of_meaning(name, columns),
    ]
    return gx.ExpectationSuite(name=f"mart {name}", expectations=made)


def frame_columns(name: str, columns: Sequence[str], wanted: Collection[str] | None = None) -> str:
    """Return the select list of what the suite of a table judges: its columns and derived ones.

    The table is `t`, its row of `dim_metrics` is `m`. What is in no dimension is a column of its
    own: a set of all ids would make each expectation carry them.

    Args:
        name: Table.
        columns: All that it has.
        wanted: Which of these and of the derived ones; None for all.
    """
    selected = {column: f"t.{column}" for column in columns} | DERIVED.get(name, {})
    for key, dimension in _keys(name, columns):
        selected[f"unknown_{key}"] = (
            f"case when not exists (select 1 from marts.{dimension} as d where d.{key} = t.{key}) "
            f"then t.{key} end"
        )
    return ", ".join(
        f"{sql} as {column}"
        for column, sql in selected.items()
        if wanted is None or column in wanted
    )


def scope(expectation: Expectation) -> Literal["columns", "grain", "rows"]:
    """Whether it is about which columns there are, about rows told apart, or about each row."""
    if isinstance(expectation, ExpectTableColumnsToMatchSet):
        return "columns"
    is_of_grain = isinstance(
        expectation, ExpectColumnValuesToBeUnique | ExpectCompoundColumnsToBeUnique
    )
    return "grain" if is_of_grain else "rows"


def looked_at(expectation: Expectation) -> set[str]:
    """Return the columns whose values an expectation looks at."""
    named = [getattr(expectation, name, None) for name in ("column", "column_A", "column_B")]
    listed = getattr(expectation, "column_list", None) or []
    return {name for name in [*named, *listed] if name is not None}


def _keys(name: str, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the columns of a table that name a row of a dimension, with the dimension."""
    return [
        (key, dimension)
        for key, dimension in KEYS.items()
        if key in columns and dimension != name and (name, key) not in MAY_BE_UNKNOWN
    ]


def _of_contract(name: str, grain: Sequence[str], columns: Sequence[str]) -> Iterator[Expectation]:
    doubled = Rule(
        f"{', '.join(grain)} tell rows apart", "block", "rows counted twice",
        f"Rows count twice: {family(name)} are too high.",
    )  # fmt: skip
    if len(grain) == 1:
        yield ExpectColumnValuesToBeUnique(column=grain[0], **_labels(doubled, grain[0]))
    else:
        yield ExpectCompoundColumnsToBeUnique(
            column_list=list(grain), ignore_row_if="never", **_labels(doubled)
        )
    promised = Rule(
        "columns are those of the contract", "block", "a column that nobody promised",
        f"No value is wrong, but beside {family(name)} readers may see what was to stay hidden, "
        "people included.",
    )  # fmt: skip
    unknown = [f"unknown_{key}" for key, _ in _keys(name, columns)]
    every = [*columns, *DERIVED.get(name, {}), *unknown]
    yield ExpectTableColumnsToMatchSet(column_set=every, exact_match=True, **_labels(promised))


def _of_dimensions(name: str, columns: Sequence[str]) -> Iterator[Expectation]:
    for key, dimension in _keys(name, columns):
        rule = Rule(
            f"{key} is in {dimension}", "fail", "rows of something unknown",
            f"A join to {dimension} loses these rows: {family(name)} are too low.",
        )  # fmt: skip
        yield ExpectColumnValuesToBeNull(column=f"unknown_{key}", **_labels(rule, key))


def _of_meaning(name: str, columns: Sequence[str]) -> Iterator[Expectation]:
    for (table, column), (values, rule) in SETS.items():
        if table in (name, "*") and column in columns:
            yield ExpectColumnValuesToBeInSet(
                column=column, value_set=list(values), **_labels(rule, column)
            )
    for (table, column), (low, high, rule) in RANGES.items():
        if table == name:
            yield ExpectColumnValuesToBeBetween(
                column=column, min_value=low, max_value=high, **_labels(rule, column)
            )
    for (table, greater, smaller), rule in ORDERED.items():
        if table == name:
            yield ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=greater, column_B=smaller, or_equal=True,
                ignore_row_if="either_value_is_missing", **_labels(rule, greater),
            )  # fmt: skip
    yield from _of_nulls(name)


def _of_nulls(name: str) -> Iterable[Expectation]:
    for (table, column), rule in NOT_NULL.items():
        if table == name:
            yield ExpectColumnValuesToNotBeNull(column=column, **_labels(rule, column))
    for (table, column), rule in NULL.items():
        if table == name:
            yield ExpectColumnValuesToBeNull(column=column, **_labels(rule, column))


def _labels(rule: Rule, column: str | None = None) -> dict:
    return {
        "severity": GX_SEVERITIES[rule.severity],
        "meta": {
            "said": rule.said, "defect": rule.defect, "severity": rule.severity, "column": column,
        },
        "notes": rule.note,
    }  # fmt: skip
