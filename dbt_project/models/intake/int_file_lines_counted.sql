{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replaced_by(ref('int_files_changed'), ['file_id']) }}"
) }}
{% set changed = ref('int_files_changed') %}
-- what became of the lines of each file that has any
with

events as (
    select
        file_id,
        line_number,
        event_number,
        case classification when 'quarantined' then 3 when 'accepted' then 2 else 1 end as rank,
        {{ known_at('classified') }} as known_at
    from {{ ref('int_events_classified') }} as classified
    {% if is_incremental() -%}
    where file_id in (select file_id from {{ changed }})
    {%- endif %}
),

files_with_many_on_a_line as (
    select distinct file_id from events where event_number > 1
),

-- a line may hold several events: it is as bad as its worst
lines as (
    select file_id, max(rank) as rank, max(known_at) as known_at
    from events
    where file_id in (select file_id from files_with_many_on_a_line)
    group by file_id, line_number

    union all

    select file_id, rank, known_at
    from events
    where file_id not in (select file_id from files_with_many_on_a_line)
)

select
    file_id,
    count(*) filter (where rank = 2) as accepted_line_count,
    count(*) filter (where rank = 1) as duplicate_line_count,
    count(*) filter (where rank = 3) as quarantined_line_count,
    -- when all of them were known
    max(known_at) as last_known_at
from lines
group by file_id
