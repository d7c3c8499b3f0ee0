"""What is planted, and from which week on. The registry knows nothing of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One KPI and the verdict that an honest reading of its events must come to."""

    product_id: str
    metric_id: str
    verdict: str
    planted: str
    """What the generator does to the events, in words."""

    @property
    def kpi_id(self) -> str:
        return f"{self.product_id}.{self.metric_id}"


STORIES = (
    Story(
        "insight_desk",
        "time_to_decision",
        "improved_in_balance",
        "decisions come 45 % sooner, accuracy and questions stay",
    ),
    Story(
        "newsroom_cms",
        "time_to_publish",
        "traded_off",
        "pages go live a day sooner, fixing takes 14 % of the time instead of 6 %",
    ),
    Story(
        "release_platform",
        "time_to_roll_back",
        "untrusted",
        "roll-backs get faster, then their finish events vanish for three weeks",
    ),
    Story(
        "release_platform",
        "well_packaged_releases",
        "improved_balance_unproven",
        "more releases meet all criteria; six people's minutes carry no interval",
    ),
    Story("platform_reliability", "time_to_fix", "no_signal", "nothing changes"),
    Story("platform_reliability", "time_between_failures", "no_signal", "nothing changes"),
    Story(
        "data_platform",
        "time_to_usable_dataset",
        "improved_in_balance",
        "datasets are found 45 % sooner, re-runs and issues stay",
    ),
    Story(
        "service_desk",
        "tickets_per_active_user",
        "improved_balance_unproven",
        "a third fewer tickets; the survey of those who helped themselves began afterwards",
    ),
    Story(
        "privacy_desk",
        "hands_on_erasure_time",
        "improved_in_balance",
        "twenty minutes by hand become seven, residues stay as rare",
    ),
    Story(
        "vulnerability_desk",
        "patched_in_7_days",
        "traded_off",
        "70 % patched in time become 88 %, failures after a patch rise from 2 to 7 %",
    ),
    Story(
        "tills",
        "items_per_scanning_minute",
        "side_effect_only",
        "scanning is no faster, corrected lines rise from 5 to 6.5 %",
    ),
    Story("hr_compliance", "details_complete_share", "no_signal", "nothing changes"),
    Story(
        "cluster_service",
        "time_to_usable_cluster",
        "insufficient_data",
        "seven people ask for a cluster less than once a week",
    ),
    Story(
        "checkout",
        "journey_success_rate",
        "untrusted",
        "every eighth journey of the last five weeks is reported on two ingress paths",
    ),
)
