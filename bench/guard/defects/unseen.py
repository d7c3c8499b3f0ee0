"""The part of the library that no check can see."""

from bench.guard.defects import clocks, contents, delivery
from bench.guard.defects.kind import Defect

UNSEEN = (
    Defect(
        "clock_behind",
        clocks.clock_behind,
        (0.5, 1.0, 2.0),
        "hours",
        (9, 10),
        ("flow",),
        unseen="an hour behind looks like an hour late, and a day is promised",
        would_show="`recordedtime` from a second clock, or a promise of minutes where minutes are "
        "usual: with a lateness of 0.2 hours check 10 sees it",
    ),
    Defect(
        "tasks_that_are_never_sent",
        delivery.unsent_tasks,
        (0.05, 0.1, 0.2),
        "share of tasks",
        (11,),
        ("desk", "flow"),
        unseen="fewer requests are what a quieter week looks like",
        would_show="a daily count of its own records from each tool, to be held against the events",
    ),
    Defect(
        "wrong_state",
        contents.wrong_state,
        (0.3, 0.6, 1.0),
        "share of the returned",
        (19,),
        ("flow",),
        unseen="a value that is allowed and wrong looks like a better result",
        would_show="a second look at a sample: an event from whoever got the answer",
    ),
    Defect(
        "booked_too_low",
        contents.biased_effort,
        (0.9, 0.8, 0.6),
        "factor",
        (19,),
        ("flow",),
        unseen="a bias of everybody looks like a change of the work",
        would_show="times of the tool itself, from opening to saving, beside what people book",
    ),
)
