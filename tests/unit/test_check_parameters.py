"""Limits of single checks are rows of the registry; one without them has the defaults."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations.parameters import default_rows
from orchestration.defs.judge.guard import judged
from orchestration.defs.judge.instrument_days import Days
from orchestration.defs.judge.instrument_readings import REQUIRED, UNREADABLE
from orchestration.defs.judge.instrument_silence import Needed, plan_coverage, silence_horizons
from orchestration.registry.load import load_registry
from orchestration.registry.template import DEFAULTS, template
from orchestration.registry.validate import validate
from tests.sql import render_model
from tests.unit.test_instrument_severities import SEEDS
from tests.unit.test_instrument_volumes import days

MONDAY = datetime(2026, 1, 5)
WEEK = timedelta(weeks=1)
NEEDED = ("settings", "products", "sources", "tracking_plan", "metrics")
HEADER = "check_id,parameter,value,unit,version,note\n"
LIMITS = {name: row["value"] for (check_id, name), row in default_rows().items() if check_id == 15}


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return a registry without rows and without the file."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in NEEDED:
        (folder / f"{name}.csv").write_text(template(name))
    return folder


def loaded(seeds: Path) -> dict[tuple[int, str], tuple[float, str]]:
    database = seeds.parent / "w.duckdb"
    load_registry(seeds, database)
    with duckdb.connect(str(database)) as connection:
        rows = connection.execute(
            "select check_id, parameter, value, registry_file from registry.check_parameters"
        ).fetchall()
    assert len({row[:2] for row in rows}) == len(rows)
    return {row[:2]: row[2:] for row in rows}


def test_a_registry_without_the_file_has_the_defaults(seeds: Path) -> None:
    found = loaded(seeds)
    assert {key: value for key, (value, _) in found.items()} == {
        key: row["value"] for key, row in default_rows().items()
    }
    assert found[15, "night_share"] == (0.2, "defaults/check_parameters.csv")


def test_a_row_of_ones_own_replaces_its_default_and_no_other(seeds: Path) -> None:
    (seeds / "check_parameters.csv").write_text(HEADER + "15,night_share,0.4,share,2,ours\n")
    found = loaded(seeds)
    assert found.pop((15, "night_share")) == (0.4, "check_parameters.csv")
    assert len(found) == len(default_rows()) - 1
    assert found[15, "least_signs"][0] == 3


def test_a_parameter_that_nothing_reads_is_refused(seeds: Path) -> None:
    (seeds / "check_parameters.csv").write_text(HEADER + "15,nights,0.4,share,1,\n3,x,1,,1,\n")
    first, second = map(str, validate(seeds))
    assert first.startswith("check_parameters.csv:2: parameter: nights is no parameter: check 15")
    assert second.endswith("x is no parameter: check 3 has none")


def test_every_default_is_explained_and_in_a_new_workspace() -> None:
    assert (DEFAULTS / "check_parameters.csv").read_text() in template("check_parameters")
    for row in default_rows().values():
        assert row["unit"] and row["note"].endswith(".") and row["version"] >= 1


@pytest.mark.parametrize(("limit", "severity"), [(None, 1), (0.02, 0), (0.019, 1)])
def test_events_received_before_they_occurred_warn_above_their_share(
    limit: float | None, severity: int
) -> None:
    row = {
        "source_id": "s", "event_type": "*", "week_start_date": pd.Timestamp(MONDAY), "check_id": 9,
        "aspect": None, "n": 100, "numerator": 2, "statistic": 5.0, "expected": 3600.0,
        "evidence": None,
    }  # fmt: skip
    own = {} if limit is None else {"negative_share": limit}
    found = judged(pd.DataFrame([row]), [replace(SEEDS[9], parameters=own)])
    assert found["severity"].tolist() == [severity]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a week of one robot (by night, a minute apart) and three people.

    The robot has 120 events, at 40 of them by night, and 119 gaps; each of the others has two.
    """
    with duckdb.connect() as connection:
        for schema in ("intake", "registry", "instruments"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table registry.run_context as select 'UTC' as reporting_time_zone"
        )
        robot = [
            ("robot", MONDAY + timedelta(hours=5, minutes=20, seconds=60 * n + n % 2 * 5))
            for n in range(120)
        ]
        people = [
            (f"person {k}", MONDAY + timedelta(hours=9 + k + n)) for k in range(3) for n in range(2)
        ]
        columns = ["actor_id", "occurred_at"]
        rows = pd.DataFrame(robot + people, columns=columns)  # noqa: F841
        connection.execute(
            "create table intake.int_events_known as select 's' as source_id, "
            "date '2026-01-05' as occurred_week_start_date, *, '{}' as data, "
            "'accepted' as classification, false as is_heartbeat, 'human' as actor_kind from rows"
        )
        yield connection


@pytest.mark.parametrize(
    ("name", "last", "first"),
    [
        # the last value at which the robot is recognised, and the first at which it isn't
        ("least_events", 120, 121),
        ("least_signs", 3, 4),
        ("night_share", 40 / 120, 0.34),
        ("gap_variation", 0.085, 0.083),
        ("least_gaps", 119, 120),
        ("times_median", 59, 60),
        ("least_accounts", 4, 5),
    ],
)
def test_an_account_is_recognised_up_to_each_limit(
    connection: duckdb.DuckDBPyConnection, name: str, last: float, first: float
) -> None:
    def recognised(**limits: float) -> list:
        rows = [(15, key, value) for key, value in (LIMITS | limits).items()]
        frame = pd.DataFrame(rows, columns=["check_id", "parameter", "value"])  # noqa: F841
        connection.execute("create or replace table registry.check_parameters as from frame")
        signed = render_model("int_instrument_accounts_signed")
        connection.execute(
            f"create or replace table instruments.int_instrument_accounts_signed as {signed}"
        )
        found = connection.execute(render_model("int_instrument_accounts_recognised")).fetchall()
        return [row[2] for row in found]

    assert recognised() == recognised(**{name: last}) == ["robot"]
    assert recognised(**{name: first}) == []


SOUND = [(200, 180)] * 6


@pytest.mark.parametrize(
    ("check_id", "aspect", "weeks"),
    [
        # n and how many of them, in weeks: the last is sure
        (1, None, [(200, 12)]), (2, None, [(200, 8)]), (2, "new ids", [(200, 8)]),
        (3, None, [(200, 2)]), (4, None, [(200, 12)]), (5, None, [*SOUND, (30, 20)]),
        (6, None, [(200, 4)]), (7, None, [*[(200, 0)] * 6, (60, 9)]), (12, REQUIRED, [(200, 4)]),
        (12, UNREADABLE, [(200, 4)]), (13, None, [*[(200, 0)] * 6, (60, 9)]),
        (15, None, [(100, 12)]), (16, None, [(100, 12)]), (20, None, [(200, 4)]),
        (20, "gone", [(200, 4)]),
    ],
)  # fmt: skip
def test_how_sure_a_finding_must_be_is_read_from_the_row_of_its_check(
    check_id: int, aspect: str | None, weeks: list[tuple[int, int]]
) -> None:
    rows = pd.DataFrame(
        [
            (n, found, found / n, 1.0 if check_id == 15 else None, MONDAY + number * WEEK)
            for number, (n, found) in enumerate(weeks)
        ],
        columns=["n", "numerator", "statistic", "expected", "week_start_date"],
    ).assign(source_id="s", event_type="t", check_id=check_id, aspect=aspect, evidence=None)

    def last(sure_p: float) -> pd.Series:
        return judged(rows, [replace(SEEDS[check_id], sure_p=sure_p)]).iloc[-1]

    p_value = last(0.001)["p_value"]
    assert 0 < p_value < 0.001
    assert last(p_value * 1.01)["severity"] >= 2 > last(p_value * 0.99)["severity"]


def horizon(observed: Days, beats: dict[str, float], **own: float) -> float:
    rows = silence_horizons(observed, beats, replace(SEEDS[11], parameters=own))
    return rows["silence_horizon_days"].iloc[-1]


def test_how_long_a_source_is_young_is_read_from_its_row() -> None:
    observed = days({"t": [20] * 21})
    assert [horizon(observed, {}, **own) for own in ({}, {"young_days": 35})] == [28, 35]
    assert horizon(observed, {}, young_days=21) == 1


def test_how_many_heartbeats_must_be_missing_is_read_from_its_row() -> None:
    beating = days({"t": [0] * 70}, beats=1)
    assert horizon(beating, {"s": 24}) == 3
    assert horizon(beating, {"s": 24}, missed_heartbeats=2) == 2


@pytest.mark.parametrize(
    ("own", "is_gone"),
    [({}, True), ({"times_pause": 18}, False), ({"times_pause": 17.9}, True),
     ({"gone_p": 1e-12}, False)],
)  # fmt: skip
def test_how_long_a_planned_type_may_pause_is_read_from_its_row(
    own: dict[str, float], is_gone: bool
) -> None:
    """The type came each second day and has been away for 36."""
    observed = days({"a": [1] * 175, "b": [1, 0] * 70 + [0] * 35})
    plan = pd.DataFrame({"source_id": "s", "event_type": ["a", "b"], "planned_since": pd.NaT})
    threshold = replace(SEEDS[17], parameters=own)
    found = judged(plan_coverage(observed, plan, Needed(), threshold), [threshold])
    last = found[found["week_start_date"] == found["week_start_date"].max()]
    assert ("b" in set(last["event_type"])) == is_gone
