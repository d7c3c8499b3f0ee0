"""A number is explained in words and figures that are read, down to the lines set aside."""

import doctest
import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.publish.contracts import read_contracts
from orchestration.explain import words
from orchestration.explain.number import Number
from orchestration.pages.words import CHART_METHODS
from orchestration.status import LOST, Lost, _lost
from orchestration.workspace import Workspace
from tests.e2e.synthetic_marts import WEEKS, build

WEEK = date(2026, 2, 2)
RAW = re.compile(r"\b(?:[a-z]+_){1,3}(?:bootstrap|garwood|conditional|mean|median|cox|p|u)\b")


@pytest.fixture
def connection(tmp_path: Path):
    """The warehouse of a small world whose first finding is an id that was used twice."""
    workspace = Workspace(tmp_path)
    build(workspace)
    with duckdb.connect(str(workspace.database)) as connection:
        (source,) = connection.execute(
            "select source_id from marts.dim_sources where product_id = 'newsroom_cms'"
        ).fetchone()
        connection.execute("delete from marts.fct_instrument_checks")
        connection.execute(
            "insert into marts.fct_instrument_checks by name select ? as source_id, "
            "'page.published' as event_type, ?::date as week_start_date, 3 as check_id, "
            "'reused id' as check_name, 3 as severity, 0.0262582056 as statistic, 137 as n, "
            "1 as threshold_version, 'ids used again' as defect, 'note' as note",
            [source, WEEK],
        )
        connection.execute(
            "insert into marts.fct_check_examples by name select ? as source_id, "
            "'page.published' as event_type, ?::date as week_start_date, 3 as check_id, "
            "n as example_number, 'cloudevents/jo@example.org/later.jsonl' as path, "
            "500 + n as line_number, 'an id that was taken' as line_shows from range(1, 7) t(n)",
            [source, WEEK],
        )
        connection.execute(
            "insert into metrics.int_metric_lineage by name select 'newsroom_cms' as product_id, "
            "'time_to_publish' as metric_id, 'start' as side, ? as source_id, "
            "'page.published' as event_type, 5 as event_count",
            [source],
        )
        connection.execute(
            "update marts.fct_metric_values set value = 31.123456789, numerator = 132384.8112, "
            "ci_method = 'modified_cox' where metric_id = 'time_to_publish'"
        )
        connection.execute(
            "update marts.fct_balance_states set method = 'mover_garwood', difference = 0.012345678"
        )
        yield connection


def test_the_lines_of_a_finding_are_named_the_second_of_a_reused_id_included(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Trust"]
    (place,) = (n for n, line in enumerate(told) if line.startswith("  check 3 "))
    assert re.fullmatch(
        r"  check 3 reused id blocks \([\w-]+, page\.published\): 4 of 137 received events",
        told[place],
    )
    assert (
        told[place + 1] == "    landing/cloudevents/(address)/later.jsonl:501: an id that was taken"
    )
    assert told[place + 5] == "    and 2 further lines"


@pytest.mark.parametrize("is_over", [False, True])
def test_what_is_to_mend_is_told_while_it_goes_on_and_then_what_remains(
    connection: duckdb.DuckDBPyConnection, is_over: bool
) -> None:
    connection.execute(
        "update marts.fct_metric_trust set grade = 'D', reason = 'lost', repair_hint = 'Mend it.', "
        "catch_up_hint = 'Replay it.' where metric_id = 'time_to_publish' and "
        "(week_start_date = ? or not ?)",
        [WEEK, is_over],
    )
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Trust"]
    first = "    over: the week of 2026-02-09 has grade A" if is_over else "    to mend: Mend it."
    assert told[1:3] == [first, "    for this period: Replay it."]


def test_missing_finishes_are_not_over_while_no_later_week_can_be_judged(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "update marts.fct_metric_trust set grade = 'D', reason = 'lost', repair_hint = 'Mend it.', "
        "check_id = 5, source_id = 'nobody-yet' where metric_id = 'time_to_publish' and "
        "week_start_date = ?",
        [WEEK],
    )
    connection.execute(
        "insert into marts.fct_instrument_checks by name select 'nobody-yet' as source_id, "
        "'page.published' as event_type, ?::date as week_start_date, 5 as check_id, "
        "3 as severity, 0.5 as p_value, 'x' as check_name, 0.1 as statistic, 9 as n, "
        "'d' as defect",
        [WEEK],
    )
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Trust"]
    assert told[1] == (
        "    not known to be over: check 5 can't judge any later week yet (the week of 2026-02-09 "
        "has grade A)"
    )
    assert told[2] == "    to mend: Mend it."


def test_what_became_the_norm_is_not_told_as_over_and_what_to_mend_is(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "update marts.fct_metric_trust set grade = 'D', reason = 'lost', repair_hint = 'Mend it.', "
        "check_id = 11, source_id = (select min(source_id) from marts.dim_sources where "
        "product_id = 'newsroom_cms') where metric_id = 'time_to_publish' and week_start_date = ?",
        [WEEK],
    )
    connection.execute(
        "insert into marts.fct_instrument_checks by name select distinct source_id, "
        "'page.published' as event_type, ?::date + 7 * n::integer as week_start_date, "
        "11 as check_id, "
        "case when n < 26 then 1 else 0 end as severity, 0.5 as p_value, 'x' as check_name, "
        "0.1 as statistic, 9 as n, 'd' as defect from range(27) t(n), marts.dim_sources "
        "where product_id = 'newsroom_cms'",
        [WEEK],
    )
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Trust"]
    since = WEEK + timedelta(weeks=26)
    assert told[1] == (
        f"    not known to be over: taken for how things are now since the week of {since}, after "
        "26 weeks; nobody has said that it was mended (the week of 2026-02-09 has grade A)"
    )
    assert told[2] == "    to mend: Mend it."
    connection.execute("delete from marts.fct_instrument_checks where severity = 0")
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Trust"]
    assert told[1] == "    over: the week of 2026-02-09 has grade A"


def test_methods_have_names_and_figures_as_many_digits_as_one_reads(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    judged = date(2026, 2, 23)
    number = Number(connection, "newsroom_cms", "time_to_publish", WEEK, judged=judged)
    text = "\n".join(line for part in number.parts().values() for line in part)
    assert "31.12 hours" in text and "132,384.8" in text
    assert "Cox, for log-normal times" in text and "MOVER" in text
    assert not RAW.findall(text)
    assert not re.findall(r"\d\.\d{7,}", text.replace("as of", ""))


def test_the_centre_of_a_log_scale_is_told_apart_from_the_mean_of_a_reading(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Chart"]
    place = next(n for n, line in enumerate(told) if line.startswith("  centre"))
    assert "a geometric mean, which lies below the mean" in told[place + 1]


def test_every_method_has_words() -> None:
    assert doctest.testmod(words).failed == 0
    assert set(words.CHARTS) == set(CHART_METHODS)
    (values,) = (c for c in read_contracts() if c.name == "fct_metric_values")
    (method,) = (c for c in values.columns if c.name == "ci_method")
    named = method.description.split(": ")[1]
    for name in re.findall(r"[a-z]+(?:_[a-z]+)*", re.sub(r"\([^)]*\)", "", named)):
        assert name in words.METHODS, name


def test_status_tells_each_metric_once_with_the_week_that_its_figures_are_of(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    metrics = [Lost(*row) for row in connection.execute(LOST).fetchall()]
    found = {metric.metric_id: (metric.withheld_count, metric.struck_count) for metric in metrics}
    assert found == {"time_to_roll_back": (3, 5), "repeated_rollback_share": (3, 0)}
    # each metric once, and the week that its figures are of
    said = next(str(metric) for metric in metrics if metric.struck_count)
    assert f"withheld in 3 weeks from {WEEKS[55]} to {WEEKS[57]} and struck through in 5" in said
    assert said.endswith(f"61 roll-backs, in the week of {WEEKS[57]})")


def test_status_names_what_was_withheld_of_late_before_what_is_only_struck_through() -> None:
    def metric(name: str, withheld_to: date | None, struck_to: date | None) -> Lost:
        return Lost("desk", name, int(withheld_to is not None), withheld_to, withheld_to,
                    int(struck_to is not None), struck_to, struck_to, None, "found", 0)  # fmt: skip

    metrics = [
        metric("long_ago", WEEKS[10], None),
        metric("struck", None, WEEKS[57]),
        metric("both", WEEKS[56], WEEKS[57]),
    ]
    _, told, *lines = _lost(metrics)
    assert told.endswith("withheld (trust D) 2, struck through (trust C) 2, 1 of them in both ways")
    assert [line.split(",")[0].split()[1] for line in lines] == ["both", "struck", "long_ago"]


def withheld(connection: duckdb.DuckDBPyConnection) -> tuple[str, str, date]:
    """Return the latest week of some metric that is withheld, after one that was trusted."""
    return connection.execute(
        "select product_id, metric_id, max(period_start_date) from marts.fct_metric_values "
        "where no_value_reason = 'withheld' and period_grain = 'week' and segment_type = 'all' "
        "and last_trusted_value is not null group by all order by all limit 1"
    ).fetchall()[0]


def test_a_withheld_number_tells_the_last_trusted_one_and_of_no_rule_that_did_not_look(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    product, metric, week = withheld(connection)
    number = Number(connection, product, metric, week)
    parts = number.parts()
    value, since = number.value["last_trusted_value"], WEEKS[49]
    unit = number.value["unit"]
    said = f"{value * (100 if unit == '%' else 1):g} {unit}"
    assert parts["Value"][1] == f"  last trusted: {said}, week of {since}"
    text = "\n".join(line for part in parts.values() for line in part)
    assert "no rule fires" not in text and "rule: " not in text
    connection.execute("update marts.fct_metric_values set last_trusted_value = null")
    told = Number(connection, product, metric, week).parts()["Value"]
    assert told[1] == "  last trusted: none before it"


def test_a_chart_says_why_no_rule_looked_at_a_week_that_is_not_used(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for change, said in {
        "value = null, no_value_reason = 'withheld', trust_grade = 'D'": "its number is withheld",
        "value = 1, no_value_reason = null, trust_grade = 'C'": "its trust is C",
        "trust_grade = 'A', is_ripe = false": "it isn't ripe",
    }.items():
        connection.execute(
            f"update marts.fct_metric_values set {change} where metric_id = 'time_to_publish'"
        )
        told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Chart"]
        assert told[-1] == f"  no rule looked at this period, for {said}"
    connection.execute(
        "delete from marts.fct_metric_signals "
        "where metric_id = 'time_to_publish' and period_start_date >= ?",
        [WEEK],
    )
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Chart"]
    assert told[-1].endswith(" there; this period has no point on the chart")


def test_a_week_that_is_not_ripe_tells_what_it_waits_for(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update marts.fct_metric_values set is_ripe = false")
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Value"]
    assert told[-1].startswith("  not ripe yet: used in no limit")
    connection.execute(
        "insert into metrics.int_metric_weeks values "
        "('newsroom_cms', 'time_to_publish', ?, '2026-02-09', 48)",
        [WEEK],
    )
    connection.execute("update metrics.int_metric_lineage set is_required = true")
    connection.execute(
        "insert into instruments.int_source_watermarks "
        "select distinct source_id, 6.5 from metrics.int_metric_lineage"
    )
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()["Value"]
    assert told[-1].startswith("  not ripe until its sources have sent up to 2026-02-11 07:00Z: us")


def test_lines_cited_under_trust_whose_file_counts_nothing_are_told_apart_from_no_file(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()
    said = (
        "  landing/cloudevents/(address)/later.jsonl: its lines under Trust count here for nothing"
    )
    assert told["Landing files"] == [said]
    connection.execute("delete from marts.fct_check_examples")
    told = Number(connection, "newsroom_cms", "time_to_publish", WEEK).parts()
    assert told["Landing files"] == ["  none: no event of this period counts"]


def test_the_tripwires_of_a_metric_are_told(connection: duckdb.DuckDBPyConnection) -> None:
    metric = ("newsroom_cms", "time_to_publish", WEEK)
    connection.execute(
        "insert into marts.fct_tripwire_states select * replace (? as product_id, ? as metric_id, "
        "? as week_start_date, 'slow' as tripwire_id, 'crossed_lately' as state) "
        "from marts.fct_tripwire_states limit 1",
        metric,
    )
    assert "  tripwire slow: crossed lately" in Number(connection, *metric).parts()["Verdict"]
