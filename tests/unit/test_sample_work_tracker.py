"""What the work tracker sends fits together as iterations, tasks and working hours ask."""

from datetime import UTC, date, datetime

import pytest

from orchestration.sample.calendar import ZONE, Calendar
from orchestration.sample.draw import Batch, Draw
from orchestration.sample.products.work_tracker import MEMBERS, work_tracker


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    draw = Draw("work_tracker", 1, Calendar.ending_on(date(2026, 3, 27)))
    work_tracker(draw)
    return draw.batches


def times(batches: list[Batch], event_type: str) -> dict[str, list[float]]:
    """When each subject met the events of a type, in order."""
    found: dict[str, list[float]] = {}
    for batch in batches:
        if batch.event_type == event_type:
            for subject, at in zip(batch.subjects, batch.occurred.tolist(), strict=True):
                found.setdefault(subject, []).append(at)
    return {subject: sorted(moments) for subject, moments in found.items()}


def test_iterations_take_turns_and_end_on_a_friday(batches: list[Batch]) -> None:
    starts, ends = (times(batches, f"iteration.{kind}") for kind in ("started", "ended"))
    assert len(ends) >= 50
    for iteration, (end,) in ends.items():
        (start,) = starts[iteration]
        assert 11 < (end - start) / 86_400 < 12
        assert datetime.fromtimestamp(end, UTC).astimezone(ZONE).isoweekday() == 5


def test_an_item_is_created_committed_and_done_in_this_order(batches: list[Batch]) -> None:
    created, committed, delivered, deployed = (
        times(batches, f"workitem.{kind}")
        for kind in ("created", "committed", "delivered", "deployed")
    )
    assert len(delivered) > 350
    for item, (done,) in delivered.items():
        assert created[item][0] <= committed[item][0] < done < deployed.get(item, [done + 1])[0]


def test_reviews_begin_and_nearly_always_end_in_office_hours(batches: list[Batch]) -> None:
    moves = [at for moments in times(batches, "workitem.status_changed").values() for at in moments]
    local = [datetime.fromtimestamp(at, UTC).astimezone(ZONE) for at in moves]
    in_office = [8 <= at.hour < 18 and at.isoweekday() <= 5 for at in local]
    assert len(moves) > 1000
    assert sum(in_office) / len(in_office) > 0.95


def test_everybody_is_active_in_the_end_and_some_came_later(batches: list[Batch]) -> None:
    active: dict[str, list[float]] = {}
    for batch in batches:
        if batch.event_type == "team.member_active":
            for actor, data in zip(batch.actors or [], batch.data or [], strict=True):
                active.setdefault(actor, []).append(data["person_months"])
    lengths = sorted(len(months) for months in active.values())
    assert len(lengths) == MEMBERS
    assert lengths[0] < lengths[1] < lengths[2] == lengths[-1]
    # whoever comes in the middle of a week was a member for part of it
    assert all(0 < months <= 7 / 30 for mine in active.values() for months in mine)


def test_the_work_tracker_stays_small(batches: list[Batch]) -> None:
    assert 6_000 < sum(len(batch.event_ids) for batch in batches) < 9_000
