"""Weeks whose tasks may have ended in what is lost: they count as open."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from orchestration.defs.judge.contributions import MINOR_SHARE, Shares, contribution_grade
from orchestration.defs.judge.metric_bounds import Place, Unsure
from orchestration.defs.judge.metric_losses import Loss
from orchestration.defs.judge.repairs import repair
from orchestration.defs.judge.trust_causes import CAUSES

HERE = "finishes of this week are lost, and tasks that they ended count as open"
AFTER = "finishes of the week after are lost, and tasks of this week may have ended there"

BEFORE = "finishes of earlier weeks are lost, and what they ended counts as open"


def with_losses(
    losses: Iterable[Loss], shares: Shares, hints: Mapping[str, str | None], block: float
) -> dict[Place, Unsure]:
    """Return what weeks of metrics are at best for what was lost in them or in the week after.

    Args:
        losses: Of all weeks.
        shares: How much of each event type each source sent around each week.
        hints: What its owners say of each source.
        block: The share from which what earlier weeks lost withholds.

    At best a C where MINOR_SHARE of the week's items, or of its value (of a few items that stay
    open to tau much of a mean is made), may be in what is lost; else a B, as where the source that
    lost it is a minor one. What counts tasks of earlier weeks as open is withheld where as many of
    them may have ended as would make check 5 block. Of equals what others follow from is named.
    Source: method 7.2, 7.3.
    """
    found: dict[Place, tuple[tuple, Unsure]] = {}
    for loss in losses:
        week = loss.week + timedelta(days=loss.days_later or 0)
        sent = shares.of(loss.product_id, loss.event_type, loss.source_id, week)
        is_large = loss.share is not None and loss.share >= MINOR_SHARE
        is_most = loss.days_later is None and (loss.share or 0) >= block
        worst = "D" if is_most else "C" if is_large else "B"
        grade = contribution_grade(worst, loss.is_required, sent)
        mend = repair(loss.check_id, loss.defect, hints.get(loss.source_id), has_sent=True)
        why = BEFORE if loss.days_later is None else AFTER if loss.days_later else HERE
        place, rank = loss[:3], (grade, loss.defect in CAUSES, -loss.check_id)
        if place not in found or rank > found[place][0]:
            is_earlier = loss.days_later is None
            found[place] = rank, Unsure(grade, why, loss.source_id, mend, leads=is_earlier)
    return {place: unsure for place, (_, unsure) in found.items()}
