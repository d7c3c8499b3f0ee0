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
        or (lines.reason in ('time_in_future', 'unparsable_time') and lines.counted_week_start_date is not null)
    )
{% endset %}
-- grain: event set aside that no type's check can count, with the source and week it most likely is of
with

sources as (
    select source_id from {{ source('registry', 'sources') }}
),

-- a blank line has lost nothing; what names a source that nobody knows is nobody's
lost as (
    select
        lines.file_id, lines.line_number, lines.event_number,
        lines.reason, lines.occurred_week_start_date, lines.received_at,
        coalesce(lines.source_id, {{ quoted_after('rejected.line_text', 'source') }}) as told_source_id,
        {{ to_utc(quoted_after('rejected.line_text', 'time'), 'UTC') }} as told_at
    from {{ ref('int_lines_quarantined') }} as lines
    left join {{ source('raw', 'rejected_lines') }} as rejected
        on lines.file_id = rejected.file_id and lines.line_number = rejected.line_number
    left join sources on lines.source_id = sources.source_id
    where
        lines.reason <> 'blank_line'
        and (lines.source_id is null or sources.source_id is not null)
        and not ({{ is_counted_elsewhere }})
        {% if is_incremental() -%}
        and lines.file_id in (select file_id from {{ changed }})
        {%- endif %}
),

-- what tells where it came from and when it came needs no neighbour
unplaced as (
    select file_id, line_number, event_number from lost
    where received_at is null or told_source_id is null or told_source_id not in (select source_id from sources)
),

-- read twice, for fewer columns the first time: kept, it would cost more
events as not materialized (
    select
        events.file_id, events.line_number, events.event_number, events.source_id, events.occurred_week_start_date,
        coalesce(case when not events.has_receive_clock then events.occurred_at end, events.received_at) as known_at,
        sources.source_id is not null and events.occurred_week_start_date is not null as is_placed,
        floor(events.line_number / 50.0) as block
    from {{ ref('int_events_classified') }} as events
    left join sources on events.source_id = sources.source_id
    where events.file_id in (select file_id from unplaced)
),

-- a line that names nothing is taken for one of the source, and of the week, of the readable line before
-- it in its file, or else after it. To look for it among all lines of a file would sort them: it is in the
-- same fifty lines or in the nearest fifty that hold one
blocks as (
    select
        file_id,
        block,
        max(max(case when is_placed then block end)) over (
            partition by file_id order by block rows between unbounded preceding and 1 preceding
        ) as block_before,
        min(min(case when is_placed then block end)) over (
            partition by file_id order by block rows between 1 following and unbounded following
        ) as block_after
    from events
    group by file_id, block
),

looked_at as (
    {% for near in ['block', 'block_before', 'block_after'] -%}
    select unplaced.file_id, unplaced.line_number, unplaced.event_number, blocks.{{ near }} as block
    from unplaced
    inner join blocks on unplaced.file_id = blocks.file_id and floor(unplaced.line_number / 50.0) = blocks.block
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

sided as (
    select
        looked_at.file_id, looked_at.line_number, looked_at.event_number,
        events.line_number as other_line_number, events.event_number as other_event_number,
        events.source_id, events.occurred_week_start_date, events.known_at,
        events.line_number < looked_at.line_number
        or (events.line_number = looked_at.line_number and events.event_number <= looked_at.event_number) as is_before
    from looked_at
    inner join events on looked_at.file_id = events.file_id and looked_at.block = events.block
    where events.is_placed
),

neighbours as (
    select
        *,
        row_number() over (
            partition by file_id, line_number, event_number
            order by case when is_before then 0 else 1 end,
                case when is_before then -other_line_number else other_line_number end,
                case when is_before then -other_event_number else other_event_number end
        ) as place
    from sided
)

select
    lost.file_id, lost.line_number, lost.event_number, lost.reason,
    coalesce(sources.source_id, neighbours.source_id) as source_id,
    coalesce(
        lost.occurred_week_start_date,
        {{ week_start('lost.told_at') }},
        {{ week_start('lost.received_at') }},
        neighbours.occurred_week_start_date
    ) as week_start_date,
    coalesce(lost.received_at, neighbours.known_at, lost.told_at) as known_at
from lost
left join neighbours
    on lost.file_id = neighbours.file_id
        and lost.line_number = neighbours.line_number
        and lost.event_number = neighbours.event_number
        and neighbours.place = 1
left join sources on lost.told_source_id = sources.source_id
