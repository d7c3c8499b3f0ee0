"""A receive clock far ahead is told as wrong input and is not taken for the present."""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import UserError
from orchestration.received import latest_received_at, long_after
from tests.intake import event, lines, load, workspace_with

FILE = "cloudevents/a.jsonl"
FAR = datetime(2062, 3, 3)


def events(*days: int, each: int = 1) -> list[dict]:
    """Return events received so many days after the first, `each` of each day."""
    begin = datetime(2025, 3, 3, 9)
    instants = [begin + timedelta(days=day, seconds=n) for day in days for n in range(each)]
    return [
        event(n, time=f"{at.isoformat()}Z", receivedtime=f"{at.isoformat()}Z")
        for n, at in enumerate(instants)
    ]


def far(count: int = 1, at: datetime = FAR) -> list[dict]:
    """Return events whose receive clock is ahead, and whose own time is not."""
    return [event(900 + n, receivedtime=f"{at + timedelta(days=n)}Z") for n in range(count)]


def registered(database: Path, observed: datetime | None) -> None:
    """Register one export without a receive clock, observed until then."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema registry")
        connection.execute(
            "create table registry.sources as "
            "select ?::timestamp as observed_until, false as has_receive_clock", [observed]
        )  # fmt: skip


def found(
    tmp_path: Path,
    landed: list[dict],
    published_at: datetime | None = None,
    observed: datetime | None = None,
) -> datetime | None:
    workspace = workspace_with(tmp_path, {FILE: lines(landed)} if landed else {})
    loaded = load(workspace)
    registered(workspace.database, observed)
    latest = loaded.latest_received_at
    return latest_received_at(workspace.database, workspace.landing, latest, published_at)


@pytest.mark.parametrize(
    "before, count", [([0], 1), ([0, 1, 2], 1), (range(40), 4)], ids=["of two", "of four", "few"]
)
def test_lines_received_long_after_all_others_are_named(
    tmp_path: Path, before: list[int], count: int
) -> None:
    landed = events(*before)
    with pytest.raises(UserError) as error:
        found(tmp_path, landed + far(count))
    told = str(error.value)
    assert told.startswith(f"{tmp_path / 'landing' / FILE}:{len(landed) + 1}: ")
    assert "2062-03-03 in this one, is 13," in told and "--as-of" in told
    assert f"{count} line{'s' if count > 1 else ''}," in told


@pytest.mark.parametrize(
    "landed",
    [
        events(*range(0, 800, 100)),
        events(0, 366),
        events(*range(20)) + events(*range(500, 520)),
        events(0, 400, each=5) + events(401, each=5),
        events(0),
    ],
    ids=["no pause", "a year", "a pause between two spells", "not few", "one alone"],
)
def test_a_pause_is_no_wrong_clock(tmp_path: Path, landed: list[dict]) -> None:
    assert found(tmp_path, landed) is not None


def test_an_old_pause_does_not_hide_a_wrong_clock(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="2062-03-03"):
        found(tmp_path, events(*range(5)) + events(*range(900, 950)) + far())


@pytest.mark.parametrize(
    "near", [{"published_at": FAR - timedelta(days=300)}, {"observed": FAR - timedelta(days=300)}]
)
def test_what_was_published_or_observed_shortly_before_is_no_surprise(
    tmp_path: Path, near: dict
) -> None:
    assert found(tmp_path, events(0, 1, 2) + far(), **near) == FAR


def test_the_present_is_the_later_of_what_was_received_and_what_exports_show(
    tmp_path: Path,
) -> None:
    assert found(tmp_path, [], observed=FAR) == FAR


def test_nothing_received_is_no_present(tmp_path: Path) -> None:
    assert found(tmp_path, []) is None


@pytest.mark.parametrize(
    "days, said", [(-3, ""), (0, ""), (7, ""), (8, "8 days after"), (400, "400 days after")]
)
@pytest.mark.parametrize("is_observed", [False, True])
def test_an_as_of_long_after_what_was_received_is_told(
    tmp_path: Path, days: int, said: str, is_observed: bool
) -> None:
    known = datetime(2026, 3, 2, 10)
    observed, latest = (known, datetime(2025, 1, 1)) if is_observed else (None, known)
    database = tmp_path / "a.duckdb"
    registered(database, observed)
    told = long_after(database, known + timedelta(days=days), latest)
    assert said in told and bool(told) == bool(said)


def test_nothing_is_long_after_nothing(tmp_path: Path) -> None:
    registered(tmp_path / "a.duckdb", None)
    assert long_after(tmp_path / "a.duckdb", datetime(2026, 3, 2), None) == ""
