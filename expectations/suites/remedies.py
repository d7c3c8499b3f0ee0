"""What to mend where a check finds something: the one place of these words.

Trust serves them beside a grade, pages show them before what is known of the source, and
`docs/checks.md` is written from them (`make docs`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """What to do about a finding, whatever the source; sentences without their full stop."""

    mend: str
    """In the tool, while the fault goes on."""
    catch_up: str = ""
    """For the weeks that it lasted, once it is over; blank where nothing remains to be done."""


ANEW = "Deliver the files anew, in place of the old ones, with"
RANDOM_IDS = Remedy(
    "Let the tool's id generator, which mostly starts again after a restart, use random ids (UUID)",
    "Deliver again what was taken for a repetition, under ids of its own",
)
AS_PLANNED = Remedy(
    "Send the property as before the tool's last release, which renamed or dropped it; or change "
    "the plan",
    f"{ANEW} the property as planned",
)

RENAMED = "an event type that seems to have another name"
"""What checks on missing events (4, 5, 11, 14, 17) found, where a new name came in its place."""
UNDER_ITS_NAME = Remedy(
    "Let the tool send the event under its old name; or name the new one in `tracking_plan.csv` "
    "and in what counts it",
    f"{ANEW} the old name, or plan the new one: what was set aside is counted then",
)

REMEDIES = {
    1: Remedy(
        "Let the sender, usually a queue or webhook, take the receipt for an answer before it "
        "sends again: what it repeats under new ids is counted twice",
        "Their values are right, each event is counted once; to have the grade back take the "
        "repeated lines out of the files and refresh",
    ),
    2: Remedy(
        "Turn off one of the two ways by which the events come",
        "Take what came by that way out of the files, and say so (`steelyard trust accept`)",
    ),
    3: RANDOM_IDS,
    4: Remedy("Repair the hook that sends starts", "Replay the hook's log"),
    5: Remedy("Repair the hook that sends finishes", "Replay the hook's log"),
    6: Remedy(
        "Set the tool's clock or time zone right, or the mapping that swaps start and finish",
        f"{ANEW} the right times",
    ),
    7: Remedy(
        "Send the start when work starts, not together with the finish; or mend the unit of the "
        "elapsed time",
        f"{ANEW} the true times, if the tool kept them",
    ),
    8: Remedy(
        "Send when it happens, not in a batch by the hour or from what somebody typed",
        f"{ANEW} the true times, if the tool kept them",
    ),
    9: Remedy("Set the sending machine's clock by the network (NTP)", f"{ANEW} the right times"),
    10: Remedy(
        "Run the job that ships the events more often; or declare what is true "
        "(`lateness_hours` in `sources.csv`)"
    ),
    11: Remedy("Start the collector again, and let it send a heartbeat", "Replay what it missed"),
    12: AS_PLANNED,
    13: Remedy(
        "Let the page or app of the step that is missing send its event",
        "Replay its log",
    ),
    14: Remedy("Repair the tool that sends what is divided by", "Replay its deliveries"),
    15: Remedy(
        "Put the account on `excluded_accounts.csv`; nothing is left out for looking automated",
        "Put the account on the list: it holds for all weeks",
    ),
    16: Remedy(
        "Set the tool's consent or log-in right, or the step that makes people anonymous",
        f"{ANEW} the actors, if the tool kept them",
    ),
    17: Remedy(
        "Let the tool send the event; or take its row off `tracking_plan.csv`",
        "Replay what happened",
    ),
    18: Remedy(
        "Name it in `tracking_plan.csv`, or let the tool send it under its old name",
        "Name it in the plan: what was set aside is counted then",
    ),
    19: Remedy("Measure the two teams, sources or ways of counting apart that take turns in it"),
    20: Remedy(
        "Repair the way from the tool to the landing zone",
        "Let the sender deliver the missing numbers again",
    ),
}
"""By number of the check."""

BY_DEFECT = {
    (11, "too few or too many events"): Remedy(
        "Repair the collector if it loses events or sends them twice; if the work itself changed, "
        "nothing",
        "Replay what it missed, or take out of the files what it sent twice",
    ),
    (12, "a property that no plan names"): Remedy(
        "Name the property in `tracking_plan.csv`, or stop sending it"
    ),
    (12, "amounts in another unit than before"): Remedy(
        "Send the amounts in the unit in which they always came; if the work itself changed, "
        "nothing",
        "Deliver the files anew, in place of the old ones, with the amounts in that unit",
    ),
    (15, "an account that many people share"): Remedy(
        "Let each person sign in with an account of their own; if it is no person's, put it on "
        "`excluded_accounts.csv`",
        f"{ANEW} the people, if the tool kept them",
    ),
    (2, "events repeated under new ids"): Remedy(
        "Let the sender keep an event's id when it sends it again",
        "Take what was sent again out of the files, and say so (`steelyard trust accept`)",
    ),
    (20, "events that were here and were taken away"): Remedy(
        "Put the lines back, or deliver their events in another file; where they were wrong and "
        "are to stay away, say so (`steelyard trust accept`)",
        "Put the lines back, or deliver their events in another file",
    ),
    (12, "lines that can't be read"): Remedy(
        "Write each event whole, on one line of its own, where the file is written or copied: see "
        "the reasons under “Set aside”",
        "Deliver the files anew, in place of the old ones, with whole lines",
    ),
}
"""By number of the check and what it found, where that is not what the check is named for."""
