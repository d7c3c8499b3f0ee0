"""The defects that the guard is tested with do what they say, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from bench.guard.baseline import alarms
from bench.guard.defects import DEFECTS, SEVERITIES
from bench.guard.defects.kind import READ
from bench.guard.defects.losses import TORN
from bench.guard.events import DAY, WEEKS, properties, week_begin
from bench.guard.scenario import SOURCES, clean

SEED = 11
BACK_WEEKS = 8

CHANGED = {
    "reused_id": {"id"},
    "negative_durations": {"time"},
    "zero_durations": {"time"},
    "milliseconds_for_seconds": {"data.wait_seconds"},
    "elapsed_time_in_a_wrong_unit": {"time"},
    "local_time_as_UTC": {"time"},
    "daylight-saving_slip": {"time"},
    "clock_drift": {"time"},
    "clock_behind": {"time"},
    "heaping": {"time"},
    "late_batches": {"receivedtime"},
    "renamed_activity": {"type"},
    "renamed_property": {"data.state", "data.status"},
    "type_change": {"data.effort_minutes"},
    "required_field_gone": {"data.wait_seconds"},
    "anonymised_actors": {"actorid"},
    "merged_actors": {"actorid"},
    "denominator_collapse": {"data.eligible_people"},
    "reordered_steps": {"time", "receivedtime"},
    "wrong_state": {"data.state"},
    "torn_lines": set(TORN),
    "torn_lines_without_time": {*TORN, "time"},
    "two_units": {"data.wait_seconds"},
    "booked_too_low": {"data.fixing_minutes"},
    "another_unit": {"data.wait_seconds"},
    "another_unit_of_few": {"data.outage_minutes"},
    "collapsed_sum": {"data.effort_minutes"},
}
"""Columns that a defect changes; it adds and removes nothing."""
ADDING = {
    "redelivery", "double_ingress", "deploy_that_doubles_an_event", "funnel_re-entry", "backfill",
    "bots", "test_accounts", "load_run_again",
}  # fmt: skip
REMOVING = {
    "lost_finishes", "lost_finishes_of_a_segment", "lost_starts", "lost_in_transit",
    "silent_source", "silent_quiet_source", "outage_of_a_segment", "sampling_switched_on",
    "tasks_that_are_never_sent",
}  # fmt: skip


@pytest.fixture(scope="module")
def sound() -> pd.DataFrame:
    return clean("product", SEED)


def differing(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return for each event and column whether it differs; both have the same events."""
    columns = list(dict.fromkeys([*before.columns, *after.columns]))
    before, after = before.reindex(columns=columns), after.reindex(columns=columns)
    is_equal = before.eq(after) | (before.isna() & after.isna())
    return ~is_equal


def sources_of(events: pd.DataFrame) -> set[str]:
    return set(events["source"].str.rsplit("-", n=1).str[1])


def test_every_defect_changes_adds_or_removes() -> None:
    assert set(DEFECTS) == {*CHANGED, *ADDING, *REMOVING}
    assert len(DEFECTS) >= 25


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("severity", ["low", "high"])
def test_a_changed_event_differs_in_what_the_defect_says(
    sound: pd.DataFrame, name: str, severity: str
) -> None:
    defect = DEFECTS[name]
    broken = defect.broken(sound, SEED, severity)
    is_other = differing(sound, broken)
    touched = sound[is_other.any(axis=1)]
    assert set(is_other.columns[is_other.any()]) == CHANGED[name]
    assert touched["time"].min() >= week_begin(defect.start_week(SEED))
    assert sources_of(touched) <= set(defect.sources)


@pytest.mark.parametrize("name", sorted(ADDING))
@pytest.mark.parametrize("severity", ["low", "high"])
def test_added_events_come_beside_all_others(sound: pd.DataFrame, name: str, severity: str) -> None:
    defect = DEFECTS[name]
    broken = defect.broken(sound, SEED, severity)
    kept, more = broken.iloc[: len(sound)], broken.iloc[len(sound) :]
    assert not differing(sound, kept).any(axis=None)
    assert len(more) > 0
    assert sources_of(more) == set(defect.sources)
    begins = week_begin(defect.start_week(SEED))
    # an import brings the past, but only then
    assert more["time"].min() >= begins - (BACK_WEEKS * 7 * DAY if name == "backfill" else 0)
    assert more["receivedtime"].min() >= begins


@pytest.mark.parametrize("name", sorted(REMOVING))
@pytest.mark.parametrize("severity", ["low", "high"])
def test_what_is_not_removed_stays_as_it_was(sound: pd.DataFrame, name: str, severity: str) -> None:
    defect = DEFECTS[name]
    broken = defect.broken(sound, SEED, severity)
    unique = sound.drop_duplicates("id").set_index("id").drop(columns=["sequence"])
    left = broken.drop_duplicates("id").set_index("id").drop(columns=["sequence"])
    gone = unique[~unique.index.isin(left.index)]
    assert 0 < len(gone) < len(unique) / 4
    # a redelivered copy may be what is left of two
    same = differing(unique.loc[left.index].drop(columns="receivedtime"), left).drop(
        columns="receivedtime"
    )
    assert not same.any(axis=None)
    assert sources_of(gone) <= set(defect.sources)
    assert gone["time"].min() >= week_begin(defect.start_week(SEED))


@pytest.mark.parametrize("name", sorted(REMOVING))
def test_only_what_is_lost_on_the_way_leaves_gaps_in_the_numbers(
    sound: pd.DataFrame, name: str
) -> None:
    broken = DEFECTS[name].broken(sound, SEED, "middle")
    numbers = broken.groupby("source")["sequence"].agg(lambda s: s.dropna().astype(int).unique())
    gaps = {source: found.max() - len(found) for source, found in numbers.items()}
    assert any(gaps.values()) == (name == "lost_in_transit")


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_leaves_the_clean_events_alone_and_repeats(sound: pd.DataFrame, name: str) -> None:
    before = sound.copy(deep=True)
    once = DEFECTS[name].broken(sound, SEED, "middle")
    assert sound.equals(before)
    assert once.equals(DEFECTS[name].broken(sound, SEED, "middle"))


def test_a_higher_severity_breaks_more(sound: pd.DataFrame) -> None:
    counts = [len(DEFECTS["lost_finishes"].broken(sound, SEED, level)) for level in SEVERITIES]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == len(counts)


def test_scenarios_of_one_seed_differ_by_names_alone(sound: pd.DataFrame) -> None:
    other = clean("another", SEED)
    assert differing(sound, other).any().loc[lambda found: found].index.tolist() == ["source"]
    assert not clean("product", SEED + 1).equals(sound)


def test_a_scenario_is_ten_thousand_events_in_sixty_weeks(sound: pd.DataFrame) -> None:
    assert 8_000 < len(sound) < 12_000
    assert sources_of(sound) == set(SOURCES) == set(READ)
    assert sound["time"].between(week_begin(0), week_begin(WEEKS)).all()
    assert len(properties(sound)) >= 5


def test_the_plain_baseline_sees_silence_and_takes_no_fright_at_a_share(
    sound: pd.DataFrame,
) -> None:
    start = DEFECTS["silent_source"].start_week(SEED)
    usual = set(alarms(sound).itertuples(index=False))

    def new_weeks(name: str) -> np.ndarray:
        found = set(alarms(DEFECTS[name].broken(sound, SEED, "middle")).itertuples(index=False))
        return np.array(sorted(row.week for row in found - usual))

    assert new_weeks("silent_source")[0] == start
    assert len(new_weeks("wrong_state")) == 0
