"""Platforms without a page: pipelines, models, topics, migrations, mail and notifications."""

from typing import Any

import numpy as np

from orchestration.sample.calendar import ALWAYS, DAY, HOUR, OFFICE, WEEKS
from orchestration.sample.draw import Draw, stepped
from orchestration.sample.products.common import task


def data_pipelines(draw: Draw) -> None:
    """Runs around the clock, datasets that they update, and the pipelines built: an output."""
    weeks = draw.weeks(8)
    size = len(weeks)
    started = draw.moments(weeks, ALWAYS)
    runs = draw.names("run", size)
    pipelines = [f"pipeline-{n:02d}" for n in draw.rng.integers(24, size=size)]
    shared: dict[str, Any] = {"actor_kind": "service", "path": "api", "environment": "production"}
    draw.emit(
        "pipeline-runner", "run.started", started, runs, data={"pipeline": pipelines}, **shared
    )
    finished = started + draw.lasting(38, 0.7, size) * 60
    is_ok = ~draw.chance(0.05, size)
    draw.emit(
        "pipeline-runner",
        "run.finished",
        finished,
        runs,
        data={"is_ok": is_ok},
        keep=~draw.chance(0.004, size),
        **shared,
    )
    draw.emit(
        "pipeline-runner",
        "dataset.updated",
        finished + draw.rng.uniform(5, 90, size),
        [f"dataset-{n:02d}" for n in draw.rng.integers(40, size=size)],
        keep=is_ok & draw.chance(0.65, size),
        **shared,
    )
    reported = draw.weeks(0.9)
    draw.emit("pipeline-issues", "data_issue.reported", draw.moments(reported, OFFICE))
    built = draw.weeks(0.8)
    draw.emit(
        "pipeline-runner",
        "pipeline.created",
        draw.moments(built, OFFICE),
        path="cli",
        environment="production",
    )


def ml_platform(draw: Draw) -> None:
    """Experiments of which two in three end in a model that serves, in about nine days."""
    weeks = draw.weeks(3)
    size = len(weeks)
    task(
        draw,
        "model-registry",
        ("experiment.started", "model.deployed", "experiment.stopped"),
        draw.moments(weeks, OFFICE),
        draw.lasting(9, 0.6, size) * DAY,
        cancelled=draw.chance(0.3, size),
        actors=draw.rng.choice(draw.people(30), size),
    )


def streaming(draw: Draw) -> None:
    """Topics and their first message, the cluster's throughput, and what is provisioned for it."""
    weeks = draw.weeks(2.5)
    size = len(weeks)
    requested = np.sort(draw.moments(weeks, OFFICE))
    first = requested + draw.lasting(20, 0.9, size) * HOUR
    topics = draw.names("topic", size)
    draw.emit(
        "topic-portal",
        "topic.requested",
        requested,
        topics,
        actors=draw.rng.choice(draw.people(35), size),
        correlations=topics,
    )
    # a first message says nothing of the cluster's load; readings come from topics that live
    live = np.flatnonzero(draw.chance(0.95, size))
    read = np.sort(draw.moments(draw.weeks(10), ALWAYS))
    oldest = np.sort(first[live])
    count = np.searchsorted(oldest, read)
    picked = live[np.argsort(first[live], kind="stable")][
        np.floor(draw.rng.random(len(read)) * np.maximum(count, 1)).astype(int)
    ]
    load = np.linspace(21_000, 34_000, 7 * WEEKS)[
        np.searchsorted(draw.calendar.midnights, read, side="right") - 1
    ]
    rates = np.round(load * draw.lasting(1.0, 0.35, len(read)))
    draw.emit(
        "stream-cluster",
        "message.processed",
        np.concatenate([first[live], read]),
        [topics[n] for n in np.concatenate([live, picked]).tolist()],
        actor_kind="service",
        path="api",
        data={"messages_per_second": [None] * len(live) + rates.tolist()},
        keep=np.concatenate([np.ones(len(live), bool), count > 0]),
    )
    draw.emit(
        "stream-cluster",
        "capacity.planned",
        draw.calendar.midnights[:-1:7] + 6 * HOUR + draw.rng.uniform(0, HOUR, WEEKS),
        [f"plan-{week}" for week in range(1, WEEKS + 1)],
        actor_kind="service",
        path="api",
        data={"messages_per_second": stepped(60_000, 80_000, 31)},
    )


def migration(draw: Draw) -> None:
    """Services that moved to the clusters, one after the other: an output, never a KPI."""
    weeks = draw.weeks(stepped(1.2, 2.0, 20))
    draw.emit(
        "migration-board",
        "service.migrated",
        draw.moments(weeks, OFFICE),
        path="cli",
        data={"from": draw.rng.choice(["virtual_machine", "rack"], len(weeks), p=(0.8, 0.2))},
    )


def email_service(draw: Draw) -> None:
    """Batches of mail with a quarter of an hour to go out, and what people say who use them."""
    weeks = draw.weeks(10)
    size = len(weeks)
    requested = draw.moments(weeks, OFFICE)
    sends = draw.names("send", size)
    shared: dict[str, Any] = {"actor_kind": "service", "path": "api", "environment": "production"}
    draw.emit("mail-engine", "email_send.requested", requested, sends, **shared)
    draw.emit(
        "mail-engine",
        "email_send.completed",
        requested + draw.lasting(6.5, 0.55, size) * 60,
        sends,
        keep=~draw.chance(0.004, size),
        **shared,
    )
    _mail_survey(draw)


def _mail_survey(draw: Draw) -> None:
    """Every four weeks: a fault met makes people less content, and a few of them stay away."""
    rounds = np.arange(3, WEEKS + 1, 4)
    is_answered = draw.rng.random((len(rounds), 50)) < 0.92
    number, person = np.nonzero(is_answered)
    size = len(number)
    people = draw.people(50)[person]
    answered = draw.moments(rounds[number], OFFICE)
    met_fault = draw.chance(0.4, size)
    draw.emit(
        "mail-survey",
        "survey.answered",
        answered,
        actors=people,
        data={
            "met_fault": met_fault,
            "is_satisfied": draw.chance(np.where(met_fault, 0.58, 0.81), size),
        },
    )
    draw.emit(
        "mail-usage",
        "user.active",
        answered + draw.rng.uniform(0.5, 27, size) * DAY,
        actors=people,
        keep=draw.chance(np.where(met_fault, 0.7, 0.82), size),
    )


def notifications(draw: Draw) -> None:
    """Mail sent, which is vanity, and mail that somebody acted on."""
    weeks = draw.weeks(9)
    size = len(weeks)
    sent = draw.moments(weeks, OFFICE)
    mails = draw.names("mail", size)
    draw.emit(
        "notification-engine",
        "email.sent",
        sent,
        mails,
        actor_kind="service",
        path="api",
        data={"kind": draw.rng.choice(["digest", "alert", "invitation"], size)},
    )
    draw.emit(
        "notification-engine",
        "email.acted",
        sent + draw.lasting(9, 1.0, size) * HOUR,
        mails,
        actor_kind="service",
        keep=draw.chance(0.2, size),
    )
