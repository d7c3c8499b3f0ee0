"""The page that the benchmark writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.guard import report
from bench.guard.batches import Case
from bench.guard.defects import DEFECTS
from bench.guard.defects.kind import FIRST_START, START_SPREAD
from bench.guard.judge import Outcomes, Verdict
from expectations.parameters import default_rows

HEAD = """\
# How well the guard finds broken instruments

Made by `make bench-guard`; no result on this page is typed by hand. {broken:,} broken and
{clean} clean scenarios, {events:.1f} million events, {batches} runs of the production models of
up to {size} products each. Seeds {first} to {last}; checks were tuned on seeds from {tuned} to
{tuned_to}, none of which is here, nor any of the seeds {earlier} of earlier reports.

## What was done

A scenario is a product of its own: five sources, about 11,000 events in {weeks} weeks, office
hours, holidays, growth, a season, weeks that are busier than others, a few late, redelivered and
lost events, a stream whose number follows a season of 60 % and a tenth of whose amounts, bunched
by week, are a hundred times the rest, thirteen metrics (duration, proportions, rates, ratios of
sums, funnel, stock, people). A defect changes the landing files from a Monday near the end on, at
three severities. The same seed without the defect is its clean twin: what the twin shows as well
isn't counted as found.

- *Found within k weeks*: by the k-th refresh, on the Tuesday after the week, a check finds
  something that the twin doesn't show. *Right check named*: a check that ought to find this defect
  is among the two that weigh most in a week, and the twin has no such finding. A warning (grade B)
  counts as named; *failed* counts only where the metric is kept from verdicts (C or D).
- *Hurt metrics*: those of a run whose value isn't the twin's in any week since the start (before
  what is withheld is taken away; the eight weeks before it where the past is what becomes wrong).
  How many of them got a worse grade than the twin's, and how many C or D where the twin has A or B,
  in one of the first four weeks. A metric counts whatever the size of its error.
- *Metrics of other sources left alone*: metric-weeks of metrics that read none of the defect's
  sources, graded as the twin's. Grades come from sources, so little else is possible.
- *Metrics of its sources that it doesn't hurt*: they read a broken source, and all their values are
  the twin's. Those made C or D are so needlessly, by the method: a grade is of the source.
- *Hurt metric-weeks since the start*: all weeks of the hurt metrics from the start to the end of
  the scenario in which the twin has a value. Those of grade D aren't published, those of C are
  struck through. *Error*: how far the published values lie from the twin's, as a share of it, as
  the run after the last week publishes them: what only came late is right by then. A week
  that has fewer events than a check needs isn't judged by it and may keep an A.
- *Grade A but off*: of all metrics' weeks published with grade A, from eight weeks before the
  defect to the end, those whose 95 % interval misses the twin's value. Metrics without an
  interval (the stock) are not in it. The summary reads the aim in other ways as well.
- *Plain baseline*: row counts of each source and week against mean and three standard deviations
  of the eight weeks before, and a last row older than three days: what packages for data quality
  do by default. It names no check, so any alarm counts.

The dials are ours, and so is what counts as middle: a defect that somebody would want to hear of
within a fortnight in streams of 15 to 40 events a week. Seven middle levels were enlarged after
runs on tuning seeds had shown what such streams can't tell from chance: double ingress (from 12 %
of events to 20 %), funnel re-entry and the deploy that doubles an event (from 0.7 more to 1),
events lost in transit (5 % to 8 %), reordered steps (25 % to 30 %), merged actors (50 % to 70 %),
the outage of a segment (from most of its events to all). Rows of low severity tell what lies
below. What the twin shows is the truth for values: the noise that every scenario has is in both.

All runs are of the same code: commit {commits}, digest {code} of all files that make their
results.{repeated}
"""

UNSEEN = """\
## What cannot be seen

No statistic of the events alone tells these from a change of the work itself. Turned up far, one
may trip a check that looks for something else; where none does, the value is wrong and graded A.
With so few events a week it mostly stays within its own 95 % interval all the same.

Nor does a check that holds a source against its own past (volume, denominators, heaping, zero
durations, skipped steps; lost finishes where few are lost) name for ever what it saw: from the
{ninth}th odd week in a row it warns only, and after {rest} these weeks are the past, the defect is
graded A and the values stay wrong. Scenarios end {shortest} to {longest} weeks after the start, so
the tables hold little of the first and nothing of the second: *What lasts*, where it
was run, tells of a few that began long before the end.
"""


@dataclass(frozen=True)
class Setting:
    """What was run, for the head of the page."""

    first_seed: int
    last_seed: int
    tuned_from: int
    tuned_to: int
    earlier_seeds: tuple[int, int]
    """First and last of those that earlier reports were made of."""
    batch_size: int
    batch_count: int
    event_count: int
    weeks: int
    planned_count: int
    """Scenarios that were asked for; some may not have been run."""
    code: str
    """Digest of what makes the results."""
    commits: tuple[str, ...]
    """That were checked out."""
    repeated_count: int = 0
    """Runs that died of a failure of the engine and were made again."""


def document(
    setting: Setting,
    verdicts: Sequence[Verdict],
    sound: Sequence[Case],
    outcomes: Outcomes,
    proofs: Sequence[str],
    lasting: Sequence[str] = (),
) -> str:
    """Return the whole page as Markdown."""
    counts = report.counted(sound, outcomes)
    head = HEAD.format(
        broken=len(verdicts),
        clean=len(sound),
        events=setting.event_count / 1e6,
        batches=setting.batch_count,
        size=setting.batch_size,
        first=setting.first_seed,
        last=setting.last_seed,
        tuned=setting.tuned_from,
        tuned_to=setting.tuned_to,
        earlier="{} to {}".format(*setting.earlier_seeds),
        weeks=setting.weeks,
        code=setting.code,
        commits=" and ".join(setting.commits),
        repeated=_repeated(setting.repeated_count),
    )
    done = len(verdicts) + len(sound)
    if done < setting.planned_count:
        head += (
            f"\nOf {setting.planned_count:,} planned scenarios {done:,} were run, the middle "
            "severity first:\n`make bench-guard` goes on where it stopped. The number of runs "
            "stands in each row.\n"
        )
    parts = [
        head,
        "## In short\n",
        *report.aims(verdicts, counts),
        "",
        *report.shortfalls(verdicts),
        "\n## What was found, and when\n",
        *report.detection_table(verdicts),
        "\n## What became of the values\n",
        *report.values_table(verdicts),
        "\n## On clean data\n",
        *report.clean_table(sound, outcomes, counts),
        "",
        UNSEEN.format(
            ninth=_weeks("costly_weeks") + 1,
            rest=_weeks("rest_weeks"),
            shortest=setting.weeks - FIRST_START - START_SPREAD + 1,
            longest=setting.weeks - FIRST_START,
        ),
        *_unseen(),
        *lasting,
        "\n## Is the benchmark sound?\n",
        *proofs,
        "\n## The library\n",
        "Checks are numbered as in [the list of checks](checks.md).\n",
        *report.library(verdicts),
    ]
    return "\n".join(parts) + "\n"


def _repeated(count: int) -> str:
    if not count:
        return ""
    runs = "One run" if count == 1 else f"{count} runs"
    return (
        f" {runs} died of a failed assertion within DuckDB, which says nothing about the data, and "
        "went through when made again."
    )


def _weeks(parameter: str) -> int:
    """Return the weeks that all checks held against their own past have in the registry."""
    (weeks,) = {row["value"] for (_, name), row in default_rows().items() if name == parameter}
    return int(weeks)


def _unseen() -> list[str]:
    lines = ["| Defect | Why | What would show it |", "|---|---|---|"]
    for defect in DEFECTS.values():
        if defect.unseen:
            lines.append(f"| {defect.title} | {defect.unseen} | {defect.would_show} |")
    return lines
