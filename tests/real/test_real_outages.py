"""A status page against downtime minutes that another project computed."""

import csv
import gzip
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def windows(real_data: Path) -> dict[str, tuple[str, float]]:
    """Origin and minutes of the other project's downtime windows, by incident."""
    path = real_data / "github_status_incidents" / "downtime_windows.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return {
            row["incident_id"]: (row["source"], float(row["duration_minutes"]))
            for row in csv.DictReader(file)
        }


def test_656_windows_from_updates_have_the_other_projects_minutes(sql, windows):
    minutes = dict(
        sql(
            "select subject_id, duration_us / 6e7 from core.int_tasks "
            "where task_type_id = 'incident' and state = 'finished'"
        )
    )
    assert minutes.keys() == windows.keys()
    from_updates = {key: told for key, (origin, told) in windows.items() if origin == "updates"}
    assert len(from_updates) == 656
    assert {key: minutes[key] for key in from_updates} == from_updates
    # 163 are read from the text of postmortems; seven of these agree all the same, so 663 in all:
    # more than the 645 of end minus start, since the last "Resolved" counts, not the first
    assert sum(minutes[key] == told for key, (_, told) in windows.items()) == 663


def test_planned_maintenance_is_no_outage(sql):
    assert sql(
        "select count(*) from intake.int_events_classified where event_type = 'incident.detected' "
        "and json_extract_string(data, 'maintenance') = 'true'"
    ) == [(18,)]
    assert sql("select count(*) from core.int_tasks where task_type_id = 'restoration'") == [(801,)]
    incidents, outages = sql(
        "select sum(incident_count), count(*) from core.int_outages "
        "where product_id = 'code_hosting'"
    )[0]
    assert incidents == 801
    # overlapping and touching incidents are one outage
    assert outages < 801


def test_incidents_told_after_the_fact_last_no_time_and_are_counted(sql):
    # their page entry has one update, "Resolved"; 22 of the 656 windows are of this kind
    at_once = sql(
        "select count(*) from core.int_tasks where task_type_id = 'restoration' and duration_us = 0"
    )[0][0]
    assert at_once >= 29
