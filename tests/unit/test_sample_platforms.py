"""What platforms, the substrate and the checkout send fits together as their metrics ask."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from orchestration.sample.calendar import DAY, Calendar
from orchestration.sample.draw import Draw
from orchestration.sample.products.checkout_parts import checkout_technology
from orchestration.sample.products.platforms import email_service, streaming
from orchestration.sample.products.substrate import substrate

CALENDAR = Calendar.ending_on(date(2026, 3, 27))


def drawn(product: str, part: Callable[[Draw], None]) -> Draw:
    draw = Draw(product, 1, CALENDAR, "/part")
    part(draw)
    return draw


def first_times(draw: Draw, event_type: str) -> dict[str, float]:
    """When each subject first met an event of the type."""
    times: dict[str, float] = {}
    for batch in draw.batches:
        if batch.event_type == event_type:
            for subject, at in zip(batch.subjects, batch.occurred.tolist(), strict=True):
                times[subject] = min(at, times.get(subject, at))
    return times


@pytest.mark.parametrize(
    ("product", "part", "later", "earlier"),
    [
        ("streaming", streaming, "message.processed", "topic.requested"),
        ("substrate", substrate, "app.crashed", "app.started"),
        ("substrate", substrate, "goal.reached", "step.entered"),
        ("substrate", substrate, "incident.resolved", "incident.started"),
        ("checkout", checkout_technology, "checkout.failed", "checkout.attempted"),
        ("checkout", checkout_technology, "shipping_quote.failed", "checkout.attempted"),
    ],
)
def test_what_follows_comes_after_what_it_follows(
    product: str, part: Callable[[Draw], None], later: str, earlier: str
) -> None:
    draw = drawn(product, part)
    starts, ends = first_times(draw, earlier), first_times(draw, later)
    assert ends
    # of the last hours, the earlier event may still be on its way
    late = {
        name for name in ends if name not in starts and ends[name] < draw.calendar.end - 0.5 * DAY
    }
    assert not late
    assert all(starts[name] < at for name, at in ends.items() if name in starts)


def test_a_client_that_asks_again_does_so_under_the_same_attempt() -> None:
    draw = drawn("checkout", checkout_technology)
    attempts = Counter(
        name
        for batch in draw.batches
        if batch.event_type == "checkout.attempted"
        for name in batch.subjects
    )
    assert 10 < sum(count == 2 for count in attempts.values()) < 0.1 * len(attempts)
    assert max(attempts.values()) == 2


def test_nobody_answers_twice_in_a_round_and_each_round_is_one_week() -> None:
    draw = drawn("email_service", email_service)
    (batch,) = [batch for batch in draw.batches if batch.event_type == "survey.answered"]
    weeks = np.searchsorted(draw.calendar.midnights[::7], batch.occurred, side="right")
    answers = Counter(zip(weeks.tolist(), batch.actors or [], strict=True))
    assert max(answers.values()) == 1
    assert {int(later - sooner) for sooner, later in zip(*rounds(weeks), strict=True)} == {4}


def rounds(weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weeks with answers, and the ones after them with answers."""
    found = np.unique(weeks)
    return found[:-1], found[1:]


def test_an_incident_has_a_cause_and_a_judgement_or_neither() -> None:
    draw = drawn("substrate", substrate)
    (batch,) = [batch for batch in draw.batches if batch.event_type == "incident.started"]
    known = [(row["root_cause"] is None, row["is_avoidable"] is None) for row in batch.data or []]
    assert set(known) == {(True, True), (False, False)}
