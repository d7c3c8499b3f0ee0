"""All statistics that the instrument checks judge: from the SQL models, and against the past."""

import duckdb
import pandas as pd

from expectations.suites.instruments import Threshold
from orchestration.defs.judge.instrument_days import read_days
from orchestration.defs.judge.instrument_denominators import DENOMINATOR, denominators
from orchestration.defs.judge.instrument_plan import (
    FINISHES,
    MISSING_FINISH,
    many_starts,
    read_awaited,
    unended_since,
    with_awaited,
)
from orchestration.defs.judge.instrument_properties import (
    read_new_names,
    read_unknown_properties,
    with_new_names,
)
from orchestration.defs.judge.instrument_renames import with_renames
from orchestration.defs.judge.instrument_repeats import REPEATS, with_batches
from orchestration.defs.judge.instrument_scale import read_scales
from orchestration.defs.judge.instrument_signs import read_signs
from orchestration.defs.judge.instrument_silence import (
    Needed,
    plan_coverage,
    silence_horizons,
    with_past_horizons,
)
from orchestration.defs.judge.instrument_values import (
    MIXTURE,
    mixtures,
    read_values,
)
from orchestration.defs.judge.instrument_volumes import volumes

STATISTICS = """
select
    source_id, event_type, week_start_date, check_id, aspect, n, numerator, statistic, expected,
    evidence
from instruments.int_instrument_statistics
order by source_id, event_type, week_start_date, check_id, aspect
"""
HEARTBEATS = """
select sources.source_id, min(plan.heartbeat_hours) as heartbeat_hours
from registry.sources as sources
inner join registry.tracking_plan as plan
    on plan.source_id = sources.source_id
    or (plan.source_id like '%*' and starts_with(sources.source_id, rtrim(plan.source_id, '*')))
where plan.heartbeat_hours > 0
group by sources.source_id
"""
PLAN = """
select source_id, event_type, min(planned_since) as planned_since from registry.tracking_plan
where role <> 'ignored' group by source_id, event_type order by all
"""
NEEDED = """
select distinct source_id, event_type from metrics.int_metric_lineage where is_required
"""
SILENCE, SCHEMA, PLAN_COVERAGE = 11, 12, 17
REQUIRED = "required"
"""Aspect of check 12's rows that the models give by type; others say what they look at."""
UNREADABLE = "unreadable"
"""Aspect of check 12's rows on lines of a source that can't be read, whatever their type."""

ENVELOPE, NO_NUMBER = "(envelope)", " (no number)"
"""How the models name what is no property of the plan, and a quantity that can't be read."""


def read_statistics(
    connection: duckdb.DuckDBPyConnection, thresholds: dict[int, Threshold]
) -> pd.DataFrame:
    """Return one row per source, event type, week, check and aspect that is to be judged.

    The columns of `int_instrument_statistics`; rows that were held against the past here have the
    further columns that their suites read.
    """
    statistics = _with_schema_named(connection.execute(STATISTICS).df())
    if REPEATS in thresholds:
        statistics = with_batches(statistics, connection)
    days = read_days(connection)
    if days is None:
        return statistics
    if SCHEMA in thresholds:
        statistics = with_new_names(statistics, read_new_names(connection))
    has_lineage = _has_lineage(connection)
    if has_lineage:
        statistics = with_awaited(statistics, read_awaited(connection))
    parts = [statistics[(statistics["check_id"] != SILENCE) | days.series.empty]]
    # where all that came is unplanned, nothing has a past
    if SILENCE in thresholds and not days.series.empty:
        beats = dict(connection.execute(HEARTBEATS).fetchall())
        silences = statistics[statistics["check_id"] == SILENCE]
        horizons = silence_horizons(days, beats, thresholds[SILENCE])
        parts.append(with_past_horizons(silences, horizons))
        parts.append(with_renames(volumes(days, thresholds[SILENCE]), days))
    if SCHEMA in thresholds:
        parts.append(read_unknown_properties(connection))
        parts.append(read_scales(connection, thresholds[SCHEMA]))
        parts.append(read_signs(connection, thresholds[SCHEMA]))
    if PLAN_COVERAGE in thresholds:
        needed = _needed(connection, statistics, thresholds) if has_lineage else Needed()
        plan = connection.execute(PLAN).df()
        coverage = plan_coverage(days, plan, needed, thresholds[PLAN_COVERAGE])
        parts.append(with_renames(coverage, days))
    if has_lineage:
        values, lineage = read_values(connection)
        if DENOMINATOR in thresholds:
            parts.append(denominators(values, lineage, thresholds[DENOMINATOR]))
        if MIXTURE in thresholds:
            parts.append(mixtures(values, lineage))
    return pd.concat([part for part in parts if not part.empty], ignore_index=True)


def _with_schema_named(statistics: pd.DataFrame) -> pd.DataFrame:
    """Say in words what check 12 is about; the models name the property."""
    is_schema = (statistics["check_id"] == SCHEMA) & (statistics["aspect"] != UNREADABLE)
    names = statistics.loc[is_schema, "aspect"].astype(object)
    statistics["finding"] = pd.Series(None, index=statistics.index, dtype=object)
    statistics.loc[is_schema, "finding"] = names.map(schema_words)
    statistics.loc[is_schema, "aspect"] = REQUIRED
    return statistics


def schema_words(name: str) -> str:
    """Return what is wrong with a property of `int_instrument_schemas_checked`."""
    if name == ENVELOPE:
        return "an attribute of the envelope missing or of another type"
    if name.endswith(NO_NUMBER):
        return f"`{name.removesuffix(NO_NUMBER)}` is no number"
    return f"`{name}` missing"


def _needed(
    connection: duckdb.DuckDBPyConnection,
    statistics: pd.DataFrame,
    thresholds: dict[int, Threshold],
) -> Needed:
    """Return what metrics can't do without, and which finishes of many tasks never came."""
    unended = {}
    if MISSING_FINISH in thresholds:
        least = many_starts(thresholds[MISSING_FINISH])
        unended = unended_since(statistics, read_awaited(connection), least)
    return Needed(
        types=frozenset(connection.execute(NEEDED).fetchall()),
        finishes=frozenset(name for (name,) in connection.execute(FINISHES).fetchall()),
        unended=unended,
    )


def _has_lineage(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the lineage was built: without it no type is known to be needed."""
    found = connection.execute(
        "select 1 from information_schema.tables "
        "where table_schema = 'metrics' and table_name = 'int_metric_lineage'"
    ).fetchall()
    return bool(found)
