"""Where findings ceased because what was found has become the past that weeks are held against."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration.defs.judge.instrument_history import REST_WEEKS

AGAINST_PAST = (7, 8, 11, 13, 14)
"""Checks that leave what is odd out of the past, until REST_WEEKS of it are the past."""
ALSO_AGAINST_PAST = ("amounts in another unit than before", "events repeated under new ids")
"""What others of them find of which the same is true."""
WITH_THIN_WEEKS = (7, 8, 13)
"""Those whose thin weeks have a result without a p: these neither end a row nor lengthen it."""
WITHOUT_END = 5
"""The check whose failed weeks never become the past, and that waits for tasks to end."""
FAILS = 2
"""The least severity that costs a verdict."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Norm:
    """Weeks that were odd, and the week since which they are how things are."""

    first: date
    since: date
    week_count: int

    def words(self) -> str:
        """Return the sentence that takes the place of "it is over"."""
        return (
            f"Taken for how things are now since the week of {self.since:%Y-%m-%d}, after "
            f"{self.week_count} weeks; nobody has said that it was mended."
        )

    def has(self, week: date) -> bool:
        """Tell whether a week is one of those that were odd."""
        return self.first <= week < self.since


def norm_of(results: Iterable[Row]) -> Norm | None:
    """Return what the latest findings became, None where they were not taken for a norm.

    Args:
        results: All of one source, event type and check, with `week_start_date`, `severity`,
            `check_id`, `defect` and `p_value`, in any order.

    A row of REST_WEEKS weeks that warn or worse ends in being the past. What fails since then
    is held against that past: it is another finding, and the norm holds no longer. What only warns
    mends nothing, and leaves it.
    """
    norm, run = None, []
    for row in sorted(results, key=lambda row: row["week_start_date"]):
        if row["severity"] and _is_held_against_past(row):
            run = [*run, row["week_start_date"]]
            norm = norm if row["severity"] < FAILS else None
        elif row["check_id"] in WITH_THIN_WEEKS and row["p_value"] is None:
            continue
        else:
            if len(run) >= REST_WEEKS:
                norm = Norm(run[0], row["week_start_date"], len(run))
            run = []
    return norm


def _is_held_against_past(row: Row) -> bool:
    return row["check_id"] in AGAINST_PAST or row["defect"] in ALSO_AGAINST_PAST
