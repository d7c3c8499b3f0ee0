"""Service desk: fewer tickets, and nobody knows how those fared who no longer file one."""

import numpy as np

from orchestration.sample.calendar import HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import active_weeks, task

SURVEY_BEGAN = 47
HELP_DEPLOYED = 43


def service_desk(draw: Draw) -> None:
    """Story: help texts go live in week 43; the survey of their readers began in week 47."""
    people = draw.people(400)
    active = active_weeks(draw, "service-portal", people, 0.87)
    counts = draw.rng.poisson(stepped(0.30, 0.20, 43) * [len(week) for week in active])
    weeks = np.repeat(np.arange(1, WEEKS + 1), counts)
    filers = np.concatenate([draw.rng.choice(active[week], counts[week]) for week in range(WEEKS)])
    task(
        draw,
        "service-portal",
        ("ticket.created", "ticket.solved", None),
        draw.moments(weeks, OFFICE),
        draw.lasting(20, 0.8, len(weeks)) * HOUR,
        actors=filers,
        segments=draw.rng.choice(["access", "device", "software"], len(weeks)),
    )
    called = draw.weeks(260)
    draw.emit(
        "service-channels",
        "contact.received",
        draw.moments(called, OFFICE),
        actors=draw.rng.choice(people, len(called)),
        path="api",
        data={"channel": draw.rng.choice(["phone", "chat", "counter"], len(called))},
    )
    asked = draw.weeks(45, first=SURVEY_BEGAN)
    draw.emit(
        "service-survey",
        "survey.answered",
        draw.moments(asked, OFFICE),
        actors=draw.rng.choice(people, len(asked)),
        data={
            "is_solved": draw.chance(0.75, len(asked)),
            "is_ticket_filed": draw.chance(0.2, len(asked)),
        },
    )


def help_pages(draw: Draw) -> None:
    """The help texts that the story puts live in week 43, and who reads help at all."""
    first = draw.names("help", 2)
    later = draw.weeks(0.15, first=HELP_DEPLOYED + 1)
    weeks = np.concatenate([np.repeat(HELP_DEPLOYED, len(first)), later])
    draw.emit(
        "help-pages",
        "resource.deployed",
        draw.moments(weeks, OFFICE),
        subjects=[*first, *draw.names("more-help", len(later))],
    )
    views = draw.weeks(stepped(8, 20, HELP_DEPLOYED))
    draw.emit(
        "help-pages",
        "resource.viewed",
        draw.moments(views, OFFICE),
        subjects=draw.rng.choice([*first, "intranet-faq"], len(views)),
        actors=draw.rng.choice(draw.people(400), len(views)),
    )
