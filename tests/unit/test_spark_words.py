"""What Spark writes otherwise is put into its words, and nothing inside of a text is."""

import re
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from orchestration.dbt_runner import PROJECT

WORDS = PROJECT / "dbt_project" / "macros" / "spark" / "words.sql"


class Returned(Exception):
    """How dbt's `return` leaves a macro."""


def spark_words(sql: str) -> str:
    def leave(value: str) -> None:
        raise Returned(value)

    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals.update({"modules": SimpleNamespace(re=re), "return": leave})
    module: Any = environment.from_string(WORDS.read_text(encoding="utf-8")).module
    with pytest.raises(Returned) as said:
        module.spark_words(sql)
    return said.value.args[0]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("cast(a as varchar)", "cast(a as string)"),
        ('select "order" from t', "select `order` from t"),
        ("a / 3600.0 + b1.5", "a / 3600.0D + b1.5"),
        ("starts_with(a, 'x')", "startswith(a, 'x')"),
        ("extract(isodow from d)", "extract(dayofweek_iso from d)"),
        ("with a as not materialized (select 1)", "with a as (select 1)"),
        ("a -- don't read this\nb", "a \nb"),
        ("string_agg(a, '; ' order by b, c)", "string_agg(a, '; ') within group (order by b, c)"),
        (
            "string_agg(distinct t.a, ';' order by t.a)",
            "nullif(array_join(array_sort(collect_set(t.a)), ';'), '')",
        ),
    ],
)
def test_what_spark_writes_otherwise(sql: str, words: str) -> None:
    assert spark_words(sql) == words


@pytest.mark.parametrize(
    "text", ["'varchar \"x\" 1.5 -- starts_with('", "'it''s -- \"so\"'", "'a'';varchar'"]
)
def test_texts_stay_as_they_are(text: str) -> None:
    assert spark_words(f"select {text} as said -- gone") == f"select {text} as said "


def test_a_backslash_in_a_text_is_one_for_spark_too() -> None:
    assert spark_words(r"'[^ \t]+@\u000b'") == r"'[^ \\t]+@\\u000b'"
