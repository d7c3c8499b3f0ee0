"""A verdict is called the same in the served sentences and on the pages."""

import duckdb

from orchestration.pages.words import VERDICTS
from tests.sql import render


def test_the_models_call_every_verdict_as_the_pages_do() -> None:
    words = render("{{ verdict_words('v') }}")
    query = f"select v, {words} from (select unnest(?) as v)"
    with duckdb.connect() as connection:
        assert dict(connection.execute(query, [list(VERDICTS)]).fetchall()) == VERDICTS
