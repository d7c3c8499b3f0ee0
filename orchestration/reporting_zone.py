"""Days and weeks are the reporting zone's; instants are kept in UTC. For SQL that Python sends."""


def in_reporting_zone(instant: str) -> str:
    """Return SQL of a naive UTC instant as the clock of the reporting zone shows it.

    Like dbt's macro `to_reporting_zone`, of queries that name one table with
    `reporting_time_zone`: the run's context, or `dim_run`.
    """
    return f"timezone(reporting_time_zone, timezone('UTC', {instant}))"
