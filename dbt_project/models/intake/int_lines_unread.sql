{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_files_changed'), ['file_id']) }}"
) }}
{% set changed = ref('int_files_changed') %}
{#- checks 12 and 18 and the contract's clause on times count these under their type -#}
{% set is_counted_elsewhere %}
    lines.source_id is not null
    and lines.event_type is not null
    and (
        lines.reason = 'unknown_type'
        or (lines.reason in ('missing_attribute', 'mistyped_attribute') and lines.occurred_week_start_date is not null)
        or (
            lines.reason in ('time_in_future', 'unparsable_time')
            and (lines.occurred_week_start_date is not null or lines.received_at is not null)
        )
    )
{% endset %}
-- grain: event set aside that no type's check can count, with the source and week it most likely is of
with

-- a blank line has lost nothing; what names a source that nobody knows is nobody's
lost as (
    select
        lines.file_id,
        lines.line_number,
        lines.event_number,
        lines.reason,
        lines.occurred_week_start_date,
        lines.received_at,
        coalesce(lines.source_id, {{ quoted_after('rejected.line_text', 'source') }}) as told_source_id,
        {{ to_utc(quoted_after('rejected.line_text', 'time'), 'UTC') }} as told_at
    from {{ ref('int_lines_quarantined') }} as lines
    left join {{ source('raw', 'rejected_lines') }} as rejected
        on lines.file_id = rejected.file_id and lines.line_number = rejected.line_number
    left join {{ source('registry', 'sources') }} as sources on lines.source_id = sources.source_id
    where
        lines.reason <> 'blank_line'
        and (lines.source_id is null or sources.source_id is not null)
        and not ({{ is_counted_elsewhere }})
        {% if is_incremental() -%}
        and lines.file_id in (select file_id from {{ changed }})
        {%- endif %}
),

events as (
    select
        events.file_id,
        events.line_number,
        events.event_number,
        events.source_id,
        events.occurred_week_start_date,
        coalesce(
            case when not events.has_receive_clock then events.occurred_at end, events.received_at
        ) as known_at,
        sources.source_id is not null and events.occurred_week_start_date is not null as is_placed,
        row_number() over (
            partition by events.file_id order by events.line_number, events.event_number
        ) as place
    from {{ ref('int_events_classified') }} as events
    left join {{ source('registry', 'sources') }} as sources on events.source_id = sources.source_id
    where events.file_id in (select file_id from lost)
),

-- a line that names nothing is taken for one of the source, and of the week, of the readable line before
-- it in its file, or else after it
neighboured as (
    select
        file_id,
        line_number,
        event_number,
        coalesce(
            max(case when is_placed then place end) over (
                partition by file_id order by place rows between unbounded preceding and current row
            ),
            min(case when is_placed then place end) over (
                partition by file_id order by place rows between current row and unbounded following
            )
        ) as neighbour_place
    from events
)

select
    lost.file_id,
    lost.line_number,
    lost.event_number,
    lost.reason,
    coalesce(sources.source_id, neighbours.source_id) as source_id,
    coalesce(
        lost.occurred_week_start_date,
        {{ week_start('lost.told_at') }},
        {{ week_start('lost.received_at') }},
        neighbours.occurred_week_start_date
    ) as week_start_date,
    coalesce(lost.received_at, neighbours.known_at, lost.told_at) as known_at
from lost
inner join neighboured
    on
        lost.file_id = neighboured.file_id
        and lost.line_number = neighboured.line_number
        and lost.event_number = neighboured.event_number
left join events as neighbours
    on neighboured.file_id = neighbours.file_id and neighboured.neighbour_place = neighbours.place
left join {{ source('registry', 'sources') }} as sources on lost.told_source_id = sources.source_id
