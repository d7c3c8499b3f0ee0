"""Each check passes on sound data and fires at each of its severities, at the n it runs on."""

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.checks import INSTRUMENT_CHECKS
from orchestration.defs.judge.guard import CHECKS, judged
from orchestration.defs.judge.instrument_readings import REQUIRED, UNREADABLE
from orchestration.defs.judge.instrument_repeats import COUNTS
from orchestration.defs.judge.trust_reasons import describe
from orchestration.method.volumes import heaping

SEED = Path(__file__).parents[2] / "seeds" / "defaults" / "check_thresholds.csv"
NUMBERS = ("warn", "fail", "block", "least_effect")


def thresholds() -> dict[int, Threshold]:
    """Return the seed's rows as the guard reads them."""
    rows = {}
    for row in csv.DictReader(SEED.open(newline="")):
        numbers = {name: float(row[name] or "nan") for name in NUMBERS}
        rows[int(row["check_id"])] = Threshold(
            check_id=int(row["check_id"]),
            check_name=row["check_name"],
            minimum_n=int(row["minimum_n"] or 0),
            sure_p=float(row["sure_p"] or 0.001),
            version=int(row["version"] or 1),
            defect=row["defect"],
            note=row["note"],
            **numbers,
        )
    return rows


SEEDS = thresholds()


def last_week(
    check_id: int, *weeks: tuple, aspect: str | None = None, threshold: Threshold | None = None
) -> pd.Series:
    """Return the judged row of the last of weeks (n, numerator, statistic, expected)."""
    rows = pd.DataFrame(list(weeks), columns=["n", "numerator", "statistic", "expected"])
    rows = rows.assign(
        source_id="s", event_type="t", check_id=check_id, aspect=aspect, evidence=None,
        week_start_date=pd.date_range("2026-01-05", periods=len(rows), freq="7D"),
    )  # fmt: skip
    return judged(rows, [threshold or SEEDS[check_id]]).sort_values("week_start_date").iloc[-1]


def shares(n: int, found: int) -> tuple:
    return (n, found, found / n, None)


@pytest.mark.parametrize(
    "check_id, found",
    [
        # of 200: what passes, warns, fails and blocks
        (1, (2, 4, 25, 80)),
        (2, (1, 3, 15, 50)),
        (3, (0, 1, 2, 5)),
        (4, (2, 4, 25, 80)),
        (6, (0, 1, 6, 20)),
        (12, (1, None, 10, 200)),
        (16, (2, 8, 40, 120)),
        (18, (0, 1, None, None)),
        (20, (0, 1, 4, 30)),
    ],
)
def test_shares_fire_at_each_severity(check_id: int, found: tuple) -> None:
    aspect = REQUIRED if check_id == 12 else None
    for severity, count in enumerate(found):
        if count is not None:
            assert last_week(check_id, shares(200, count), aspect=aspect).severity == severity


PAST = [shares(40, 1)] * 6


# of 200 events under new ids of which an equal one came before
@pytest.mark.parametrize("found, severity", [(1, 0), (3, 1), (15, 2), (50, 3)])
def test_events_sent_again_under_new_ids_are_limited_as_those_of_two_paths(
    found: int, severity: int
) -> None:
    row = last_week(2, shares(200, found), aspect="new ids")
    assert (row.severity, row.defect) == (severity, "events repeated under new ids")


def batches(batch_count: int, whole_count: int, size: int = 60) -> tuple:
    """A week of so many batches of one size, some of which came again wholly, at as many instants.

    Nothing else is sent, and nothing else comes again.
    """
    copied, n = whole_count * size, (batch_count + whole_count) * size
    return (*shares(n, whole_count), batch_count, whole_count, copied)


def last_of_batches(*weeks: tuple, aspect: str = "new ids") -> pd.Series:
    columns = ["n", "numerator", "statistic", "expected", *COUNTS]
    # as DuckDB gives a number that is NULL for other checks
    rows = pd.DataFrame(list(weeks), columns=columns).astype({"numerator": "Int64"})
    rows = rows.assign(
        source_id="s", event_type="t", check_id=2, aspect=aspect, evidence=None,
        week_start_date=pd.date_range("2026-01-05", periods=len(rows), freq="7D"),
    )  # fmt: skip
    return judged(rows, [SEEDS[2]]).sort_values("week_start_date").iloc[-1]


@pytest.mark.parametrize(
    "weeks, severity",
    [
        ([batches(5, 5)], 3),
        ([batches(2, 2)], 3),
        ([batches(20, 3)], 2),
        # one alone is an accident, as is now and then one of many
        ([batches(1, 1, 200)], 1),
        ([batches(20, 2)], 1),
        ([batches(300, 1)], 0),
        # a weekly batch that comes again the second time in a row
        ([batches(1, 1), batches(1, 1)], 3),
        ([batches(1, 1), batches(1, 0), batches(1, 1)], 1),
    ],
)
def test_batches_that_came_again_wholly_count_by_events_where_they_are_no_accident(
    weeks: list, severity: int
) -> None:
    assert last_of_batches(*weeks).severity == severity


def test_a_finding_of_whole_batches_tells_of_their_events() -> None:
    row = last_of_batches(batches(5, 5))
    assert (row.n, row.statistic) == (600, 0.5) and row.p_value == pytest.approx(0.005**5)
    told = describe(row.to_dict())
    assert told == "batches repeated wholly under new ids (t): 300 of 600 events"
    alone = describe(last_week(2, shares(600, 20), aspect="new ids").to_dict())
    assert alone == "events repeated under new ids (t): at 20 instants, among 600 events"


def test_batches_to_the_second_are_held_against_the_past_too() -> None:
    aspect = "new ids to the second"
    past = [batches(20, 0)] * 6
    for week, severity in ((batches(20, 0), 0), (batches(20, 1), 1), (batches(20, 6), 3)):
        assert last_of_batches(*past, week, aspect=aspect).severity == severity
    # without a batch it is as ever
    none = (None, None, None)
    for week, severity in (((200, 15, 15 / 200, None), 1), ((17, 2, 2 / 17, None), 1)):
        assert last_of_batches((*week, *none), aspect=aspect).severity == severity
    # what always said everything twice is used to it
    always = [batches(20, 20)] * 9
    assert last_of_batches(*always, batches(20, 20), aspect=aspect).severity == 0
    assert last_of_batches(batches(20, 6), aspect=aspect).severity == 1


@pytest.mark.parametrize("found, severity", [(5, 0), (15, 1), (35, 2), (80, 3)])
def test_where_stamps_have_whole_seconds_only_what_is_new_fails(found: int, severity: int) -> None:
    aspect = "new ids to the second"
    # one in forty people looks at a page twice within a second, and always did
    assert (
        last_week(2, *[shares(200, 5)] * 12, shares(200, found), aspect=aspect).severity == severity
    )
    # where nobody knows what is usual it warns
    assert last_week(2, shares(200, 80), aspect=aspect).severity == 1


@pytest.mark.parametrize(
    "n, found, severity",
    [(300, 0, 0), (5000, 1, 1), (1, 1, 3), (7, 1, 3), (10, 1, 2), (20, 1, 2), (21, 1, 1),
     (45, 2, 2), (46, 2, 1), (300, 9, 2), (300, 31, 3), (300, 300, 3)],
)  # fmt: skip
def test_events_that_were_taken_away_fail_by_their_share_from_5_percent_on_or_on_evidence(
    n: int, found: int, severity: int
) -> None:
    row = last_week(20, shares(n, found), aspect="gone")
    assert row.defect == "events that were here and were taken away"
    assert row.severity == severity


@pytest.mark.parametrize(
    "n, found, severity",
    [(370, 0, 0), (370, 1, 1), (5, 1, 1), (1, 1, 1), (2, 2, 3), (45, 2, 2), (46, 2, 1),
     (370, 22, 2), (5000, 20, 1), (370, 370, 3)],
)  # fmt: skip
def test_any_line_that_cant_be_read_warns_and_evidence_fails_at_any_n(
    n: int, found: int, severity: int
) -> None:
    row = last_week(12, shares(n, found), aspect=UNREADABLE)
    assert (row.severity, row.defect) == (severity, "lines that can't be read")


@pytest.mark.parametrize("check_id", [7, 13])
@pytest.mark.parametrize("found, severity", [(2, 0), (7, 1), (12, 2), (36, 3)])
def test_shares_over_the_past_fire_at_each_severity(
    check_id: int, found: int, severity: int
) -> None:
    assert last_week(check_id, *PAST, shares(40, found)).severity == severity


@pytest.mark.parametrize("check_id", [7, 13])
def test_share_over_the_past_can_block_at_the_least_n(check_id: int) -> None:
    n = SEEDS[check_id].minimum_n
    assert last_week(check_id, *PAST, shares(n, n)).severity == 3
    # what is natural in part comes in clumps: of few it is not judged
    assert last_week(check_id, *PAST, shares(n - 1, n - 1)).severity == 0


@pytest.mark.parametrize(
    "check_id, n, found, severity",
    [
        (4, 8, 3, 3), (4, 8, 2, 0), (4, 8, 1, 0), (4, 2, 2, 3), (4, 1, 1, 0),
        (1, 9, 3, 3), (1, 9, 2, 0), (2, 4, 2, 3), (2, 9, 1, 0), (6, 9, 2, 3), (6, 9, 1, 0),
        (16, 4, 3, 3), (16, 9, 3, 2), (16, 9, 2, 0), (20, 9, 2, 3), (20, 9, 1, 0), (18, 1, 1, 1),
    ],
)  # fmt: skip
def test_below_the_least_n_p_decides_and_nothing_warns(
    check_id: int, n: int, found: int, severity: int
) -> None:
    row = last_week(check_id, shares(n, found))
    assert row.severity == severity
    # what is a finding has its p
    assert severity == 0 or row.p_value < 0.001 or check_id == 18


@pytest.mark.parametrize("check_id", [7, 13])
def test_what_was_always_so_warns_at_first_and_then_rests(check_id: int) -> None:
    always = [shares(40, 20)] * 12
    found = [last_week(check_id, *always[:weeks]).severity for weeks in (1, 8, 9, 12)]
    assert found == [1, 1, 0, 0]


@pytest.mark.parametrize("check_id", [7, 13])
def test_what_is_not_mended_costs_two_months_then_warns_and_rests(check_id: int) -> None:
    broken = [shares(40, 12)] * 30
    found = [last_week(check_id, *PAST, *broken[:weeks]).severity for weeks in (8, 9, 26, 27)]
    assert found == [2, 1, 1, 0]


@pytest.mark.parametrize("check_id", [7, 13])
def test_weeks_that_only_warn_do_not_use_up_the_two_months_that_may_cost(check_id: int) -> None:
    warned, broken = [shares(40, 7)] * 10, [shares(40, 12)] * 9
    found = [last_week(check_id, *PAST, *warned, *broken[:n]).severity for n in (0, 1, 8, 9)]
    assert found == [1, 2, 2, 1]


def test_how_many_weeks_may_cost_and_when_they_are_the_norm_is_in_the_registry() -> None:
    broken = [shares(40, 12)] * 30
    for limits in ({"costly_weeks": 3}, {"rest_weeks": 10}):
        changed = replace(SEEDS[7], parameters=limits)
        found = [
            last_week(7, *PAST, *broken[:weeks], threshold=changed).severity
            for weeks in (3, 4, 10, 11)
        ]
        assert found == ([2, 1, 1, 1] if "costly_weeks" in limits else [2, 2, 1, 0])


@pytest.mark.parametrize("check_id", [7, 13])
def test_thin_week_amid_odd_ones_does_not_end_their_row(check_id: int) -> None:
    broken, thin = [shares(40, 12)] * 8, shares(SEEDS[check_id].minimum_n - 1, 2)
    assert last_week(check_id, *PAST, *broken, thin, shares(40, 12)).severity == 1
    # what was always so comes to rest, whatever week of it is thin
    always = [shares(40, 20)] * 4
    assert last_week(check_id, *always, thin, *always, shares(40, 20)).severity == 0


@pytest.mark.parametrize("check_id", [7, 13])
def test_thin_weeks_amid_odd_ones_do_not_teach_the_fault(check_id: int) -> None:
    n = SEEDS[check_id].minimum_n - 1
    broken = [shares(40, 12), *[shares(n, n)] * 8]
    assert last_week(check_id, shares(40, 1), *broken, shares(40, 12)).severity == 2


def test_stamps_that_stay_heaped_fail_for_two_months_and_then_warn() -> None:
    past, broken = [stamps(120, 2)] * 5, [stamps(120, 40)] * 10
    found = [last_week(8, *past, *broken[:n], aspect="minute 0").severity for n in (8, 9)]
    assert found == [2, 1]


def stamps(n: int, heaped: int) -> tuple:
    return (n, heaped, heaped / (n / 60), 1 / 60)


def test_twelve_of_120_stamps_have_the_index_and_p_of_the_method() -> None:
    # method 7, worked
    index, p_value = heaping(120, 12)
    row = last_week(8, stamps(120, 12), aspect="minute 0")
    assert (row.statistic, row.p_value) == (pytest.approx(index), pytest.approx(3 * p_value))
    assert p_value == pytest.approx(9.158965783e-07)


@pytest.mark.parametrize("heaped, severity", [(2, 0), (9, 1), (40, 2)])
def test_heaping_fires_at_each_severity(heaped: int, severity: int) -> None:
    past = [stamps(120, 2)] * 5
    assert last_week(8, *past, stamps(120, heaped), aspect="minute 0").severity == severity


def test_timetable_warns_and_never_fails() -> None:
    for weeks in (1, 3, 12):
        assert last_week(8, *[stamps(30, 30)] * weeks, aspect="minute 0").severity == 1


def test_heaping_can_fail_at_the_least_n() -> None:
    n = SEEDS[8].minimum_n
    assert last_week(8, *[stamps(40, 0)] * 5, stamps(n, n), aspect="minute 0").severity == 2


@pytest.mark.parametrize(
    "automated, listed, severity", [(2, 1, 0), (10, 1, 1), (40, 1, 2), (40, 0, 3), (10, 0, 1)]
)
def test_automated_accounts_block_only_where_no_list_removes_them(
    automated: int, listed: int, severity: int
) -> None:
    row = last_week(15, (200, automated, automated / 200, listed))
    assert row.severity == severity and row.expected == SEEDS[15].warn


@pytest.mark.parametrize("hours, severity", [(24, 0), (30, 1), (50, 2)])
def test_lateness_is_held_against_what_is_declared(hours: float, severity: int) -> None:
    assert last_week(10, (40, None, hours, 24.0)).severity == severity


@pytest.mark.parametrize("days, severity", [(4.0, 0), (4.1, 3)])
def test_silence_blocks_beyond_the_horizon(days: float, severity: int) -> None:
    assert last_week(11, (0, None, days, 4.0), aspect="silence").severity == severity


@pytest.mark.parametrize(
    "lag, negative, severity", [(2, 0, 0), (2, 4, 1), (-2, 60, 1), (-120, 90, 2), (-9000, 99, 3)]
)
def test_clock_skew_fires_at_each_severity(lag: float, negative: int, severity: int) -> None:
    assert last_week(9, (100, negative, lag, 86_400.0)).severity == severity


def test_all_twenty_checks_of_the_method_are_run() -> None:
    assert set(CHECKS) == set(SEEDS) == set(INSTRUMENT_CHECKS) == set(range(1, 21))


def test_each_finding_names_the_version_that_judged_it() -> None:
    assert last_week(11, (0, None, 9, 4.0), aspect="silence").threshold_version == SEEDS[11].version


USED = [shares(20, 4)] * 10
"""Weeks in which the account with the most sends a fifth of a type's events."""


@pytest.mark.parametrize(
    ("weeks", "severity"),
    [
        ([*USED, shares(20, 14)], 3),
        # half of them, of twenty and of ten: the chance at a fifth and the tolerated 2 % is 0.2 %
        # of the latter
        ([*USED, shares(20, 10)], 1), ([*USED, shares(40, 20)], 3), ([*USED, shares(10, 7)], 1),
        # less than half may be one who works much
        ([*USED, shares(400, 199)], 0),
        # a type of which one account always sent most
        ([*[shares(20, 14)] * 10, shares(20, 15)], 0),
        # without a past nobody knows; below ten events neither
        ([shares(20, 14)], 1), ([*USED, shares(9, 9)], 0),
    ],
)  # fmt: skip
def test_one_account_for_half_of_the_events_is_held_against_the_past(
    weeks: list[tuple], severity: int
) -> None:
    assert last_week(15, *weeks, aspect="shared").severity == severity
