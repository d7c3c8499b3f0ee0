"""What the sample organisation launched, by week: its registry rows, dated as the events are."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from orchestration.sample.calendar import Calendar


class Launch(NamedTuple):
    """A row of `interventions.csv` but for its date: Monday of the week, counted from 1."""

    week: int
    intervention_id: str
    product_id: str
    metric_id: str
    what_launched: str
    design: str
    control_metrics: str = ""


LAUNCHES = (
    Launch(42, "help_texts", "service_desk", "tickets_per_active_user",
           "Help texts for the ten most frequent questions", "deflection"),
    Launch(42, "largest_system_connected", "privacy_desk", "hands_on_erasure_time",
           "The largest system deletes by itself", "before_after"),
    Launch(42, "certified_datasets", "data_platform", "time_to_usable_dataset",
           "Certified datasets come first in the search", "interrupted_series"),
    Launch(42, "immediate_roll_out", "vulnerability_desk", "patched_in_7_days",
           "Patches roll out at once", "before_after"),
    Launch(40, "welcome_mail", "insight_desk", "adoption_rate", "A welcome mail to new colleagues",
           "difference_in_differences", "service_desk:adoption_rate"),
)  # fmt: skip

UNIT_COSTS = """\
intervention_id,hours_per_unit,units,units_low,units_high,hourly_cost,hourly_cost_low,\
hourly_cost_high,currency,basis
help_texts,0.75,,,,80,70,95,EUR,Three quarters of an hour a ticket by the agents' log; payroll
largest_system_connected,,640,560,720,80,70,95,EUR,About eighty erasures a week; payroll
"""


def write_interventions(seeds: Path, calendar: Calendar) -> None:
    """Write `interventions.csv` and `unit_costs.csv` of a workspace."""
    (seeds / "unit_costs.csv").write_text(UNIT_COSTS, encoding="utf-8", newline="\n")
    names = [name for name in Launch._fields if name != "week"]
    with (seeds / "interventions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*names, "launch_date"])
        for week, *values in LAUNCHES:
            monday = calendar.first_monday + timedelta(weeks=week - 1)
            writer.writerow([*values, monday.isoformat()])
