"""The sample organisation is the same for the same seed, and is as large as it says."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from orchestration.sample import STORIES, build
from orchestration.sample.calendar import Calendar
from orchestration.sample.draw import Draw
from orchestration.sample.products import PRODUCTS
from orchestration.workspace import Workspace

ENDS_ON = date(2026, 3, 27)
BERLIN = ZoneInfo("Europe/Berlin")


def events_of(home: Path) -> list[dict]:
    events: list[dict] = []
    for file in sorted((home / "landing" / "cloudevents").rglob("*")):
        if file.suffix == ".parquet":
            for row in pq.read_table(file).to_pylist():
                events.append({name: value for name, value in row.items() if value is not None})
        elif file.suffix in (".jsonl", ".gz") and file.name != "replayed-by-hand.jsonl":
            opened = gzip.open if file.suffix == ".gz" else open
            with opened(file, "rt") as lines:
                events += [json.loads(line) for line in lines]
    return events


def instant(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def digests(home: Path) -> dict[str, str]:
    return {
        str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(home.rglob("*"))
        if file.is_file()
    }


def registry(home: Path, name: str) -> list[dict[str, str]]:
    with (home / "seeds" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    build(Workspace(folder), ENDS_ON)
    return folder


@pytest.fixture(scope="module")
def events(home: Path) -> list[dict]:
    return events_of(home)


def test_the_same_seed_and_date_give_the_same_bytes(home: Path, tmp_path: Path) -> None:
    build(Workspace(tmp_path), ENDS_ON)
    assert digests(tmp_path) == digests(home)


def test_another_seed_gives_other_events() -> None:
    calendar = Calendar.ending_on(ENDS_ON)
    draws = [Draw("cluster_service", seed, calendar) for seed in (1, 2)]
    for draw in draws:
        PRODUCTS["cluster_service"][0](draw)
    first, second = ([batch.event_ids for batch in draw.batches] for draw in draws)
    assert first != second


def test_products_draw_from_streams_of_their_own() -> None:
    calendar = Calendar.ending_on(ENDS_ON)
    numbers = {name: Draw(name, 1, calendar).rng.integers(1 << 62) for name in PRODUCTS}
    assert len(set(numbers.values())) == len(PRODUCTS)


def test_events_stay_within_the_budget_of_365_000(events: list[dict]) -> None:
    assert 200_000 < len(events) <= 365_000


def test_events_span_sixty_weeks_that_end_in_the_week_asked_for(events: list[dict]) -> None:
    local = [instant(event["time"]).astimezone(BERLIN).date() for event in events]
    mondays = {day - timedelta(days=day.weekday()) for day in local}
    last = ENDS_ON - timedelta(days=ENDS_ON.weekday())
    assert mondays == {last - timedelta(weeks=n) for n in range(60)}


def test_the_last_event_is_received_on_the_day_it_ends_on_and_none_before_it_occurred(
    events: list[dict],
) -> None:
    received = [instant(event["receivedtime"]) for event in events]
    assert max(received).astimezone(UTC).date() == ENDS_ON
    assert all(instant(event["time"]) <= at for event, at in zip(events, received, strict=True))


def test_every_event_type_of_the_tracking_plan_occurs_and_no_other(
    home: Path, events: list[dict]
) -> None:
    planned = {
        (row["source_id"], row["event_type"])
        for row in registry(home, "tracking_plan")
        if row["source_id"] != "git-checkout"
    }
    assert {(event["source"], event["type"]) for event in events} == planned


def test_events_have_the_properties_that_the_tracking_plan_requires(
    home: Path, events: list[dict]
) -> None:
    required = {
        (row["source_id"], row["event_type"]): set(row["required_properties"].split(";")) - {""}
        for row in registry(home, "tracking_plan")
    }
    for event in events:
        data = event.get("data", {})
        data = json.loads(data) if isinstance(data, str) else data
        assert required[event["source"], event["type"]] <= set(data)


def test_user_bases_lie_between_seven_and_four_hundred(home: Path, events: list[dict]) -> None:
    declared = {
        row["product_id"]: int(row["user_count"])
        for row in registry(home, "products")
        if row["user_count"]
    }
    assert set(declared) == set(PRODUCTS)
    assert min(declared.values()) == 7 and max(declared.values()) == 400
    people = {
        (event["productid"], event["actorid"]) for event in events if event["type"] == "user.active"
    }
    active = Counter(product for product, _ in people)
    assert all(active[product] <= declared[product] for product in active)


def test_ids_are_unique_but_for_a_few_redeliveries(events: list[dict]) -> None:
    counts = Counter((event["source"], event["id"]) for event in events)
    again = sum(counts.values()) - len(counts)
    assert 20 < again < 0.001 * len(events)


def test_office_hours_follow_the_clock_of_berlin_across_the_change_to_summer_time() -> None:
    calendar = Calendar.ending_on(date(2026, 4, 10))
    lengths = set((calendar.midnights[1:] - calendar.midnights[:-1]).tolist())
    assert lengths == {23 * 3600.0, 24 * 3600.0, 25 * 3600.0}
    at_nine = datetime(2026, 4, 9, 9, tzinfo=BERLIN).astimezone(UTC)
    assert calendar.day_start(60, 3) + 9 * 3600 == at_nine.timestamp()


@pytest.mark.parametrize("day", [23, 29])
def test_a_monday_and_a_sunday_end_in_their_own_week(day: int) -> None:
    calendar = Calendar.ending_on(date(2026, 3, day))
    assert calendar.first_monday == date(2026, 3, 23) - timedelta(weeks=59)
    assert calendar.day_start(60, 0) < calendar.end <= calendar.midnights[-1]


def test_each_story_is_a_kpi_of_the_registry_and_the_registry_knows_no_verdict(
    home: Path,
) -> None:
    planted = {story.kpi_id for story in STORIES}
    stated = {row["kpi_id"] for row in registry(home, "kpis")}
    assert planted == stated - {"this_repository.hours_to_land"}
    assert len(STORIES) == 14
    registry_text = "".join(file.read_text() for file in sorted((home / "seeds").glob("*.csv")))
    for verdict in {story.verdict for story in STORIES}:
        assert verdict not in registry_text


def test_a_workspace_keeps_input_that_is_not_the_sample(tmp_path: Path) -> None:
    other = tmp_path / "landing" / "git" / "commits.csv"
    other.parent.mkdir(parents=True)
    other.write_text("repo\n")
    build(Workspace(tmp_path), ENDS_ON)
    assert other.read_text() == "repo\n"
