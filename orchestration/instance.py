"""Dagster's instance of a run on the command line, which ends with the process."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
from dagster._core.instance import InstanceType
from dagster._core.launcher.sync_in_memory_run_launcher import SyncInMemoryRunLauncher
from dagster._core.run_coordinator import DefaultRunCoordinator
from dagster._core.storage.event_log import InMemoryEventLogStorage
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.storage.root import TemporaryLocalArtifactStorage
from dagster._core.storage.runs import InMemoryRunStorage

NOTHING = dg.EventRecordsResult(records=[], cursor="", has_more=False)


class NoEventLog(InMemoryEventLogStorage):
    """Keeps no events: they would be gone with the process, and nobody asks for them before.

    Writing a thousand of them to a database, and looking for the last of each asset, takes a
    tenth of a small run. What the run answers for, `execute_in_process` collects by itself.
    """

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Forget it."""

    def get_asset_records(self, asset_keys: Sequence[dg.AssetKey] | None = None) -> Sequence[Any]:
        """No asset has been materialised before, as in any instance that is new."""
        return []

    def get_event_records(
        self, event_records_filter: Any, limit: int | None = None, ascending: bool = False
    ) -> Sequence[Any]:
        """There are none: each step would look two thousand times for what its inputs are of."""
        return []

    def fetch_materializations(self, *_: Any, **__: Any) -> dg.EventRecordsResult:
        """There are none."""
        return NOTHING

    def fetch_observations(self, *_: Any, **__: Any) -> dg.EventRecordsResult:
        """There are none."""
        return NOTHING


def instance_of_a_run() -> dg.DagsterInstance:
    """As `DagsterInstance.ephemeral`, without a log of events."""
    return dg.DagsterInstance(
        instance_type=InstanceType.EPHEMERAL,
        local_artifact_storage=TemporaryLocalArtifactStorage(),
        run_storage=InMemoryRunStorage(),
        event_storage=NoEventLog(),
        compute_log_manager=NoOpComputeLogManager(),
        run_coordinator=DefaultRunCoordinator(),
        run_launcher=SyncInMemoryRunLauncher(),
    )
