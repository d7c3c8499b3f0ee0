{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_evidence_weeks_changed'), ['source_id', 'week_start_date']) }}"
) }}
{% set changed = ref('int_evidence_weeks_changed') %}
-- grain: event that findings name, line of the landing zone; one row without a line where none is found
with

wanted as (
    select distinct
        at_source_id as source_id,
        at_week_start_date as week_start_date,
        event_key,
        copy_reason
    from {{ ref('int_evidence_wanted') }}
    {% if is_incremental() -%}
    where (at_source_id, at_week_start_date) in (select source_id, week_start_date from {{ changed }})
    {%- endif %}
),

weeks as (
    select distinct source_id, week_start_date from wanted
),

events as (
    select
        events.source_id,
        events.counted_week_start_date as week_start_date,
        {{ evidence_key('events.') }} as event_key,
        case when events.classification = 'duplicate' then events.reason else 'no copy' end as copy_reason,
        events.event_type,
        events.file_id,
        events.line_number
    from {{ ref('int_events_known') }} as events
    where (events.source_id, events.counted_week_start_date) in (select source_id, week_start_date from weeks)
    union all
    -- a line that can't be read counts for the source that it most likely is of
    select
        source_id,
        week_start_date,
        file_id || ':' || line_number || ':' || event_number as event_key,
        'no copy' as copy_reason,
        '*' as event_type,
        file_id,
        line_number
    from {{ ref('int_lines_unread') }}
    where (source_id, week_start_date) in (select source_id, week_start_date from weeks)
),

-- few of millions: looked up among what is wanted, not the other way round
found as (
    select distinct
        events.source_id,
        events.week_start_date,
        events.event_key,
        events.copy_reason,
        events.event_type,
        events.file_id,
        events.line_number
    from events
    inner join wanted
        on
            events.source_id = wanted.source_id
            and events.week_start_date = wanted.week_start_date
            and events.event_key = wanted.event_key
            and events.copy_reason = wanted.copy_reason
)

select
    wanted.source_id,
    wanted.week_start_date,
    wanted.event_key,
    wanted.copy_reason,
    found.event_type,
    found.file_id,
    found.line_number
from wanted
left join found
    on
        wanted.source_id = found.source_id
        and wanted.week_start_date = found.week_start_date
        and wanted.event_key = found.event_key
        and wanted.copy_reason = found.copy_reason
