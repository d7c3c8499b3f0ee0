-- grain: file of which nothing tells whose or of which week its lines are, source that they say or most likely
-- are of; no source where nothing beside it in its folder can be read, and the registry names none for the place
with

lost as (
    select file_id, connector, path, folder, told_source_id, lost_count
    from {{ ref('int_instrument_files_lost') }}
),

spans as (
    select
        files.file_id,
        files.path,
        {{ folder_of('files.path') }} as folder,
        sum(counted.event_count) as event_count,
        min(counted.first_occurred_at) as first_at,
        max(counted.last_occurred_at) as last_at
    from {{ ref('int_file_sources_counted') }} as counted
    inner join {{ source('landing', 'landing_files') }} as files on counted.file_id = files.file_id
    where {{ folder_of('files.path') }} in (select folder from lost)
    group by files.file_id, files.path
),

neighboured as (
    select
        lost.file_id,
        max(case when spans.path < lost.path then spans.path end) as path_before,
        min(case when spans.path > lost.path then spans.path end) as path_after
    from lost
    inner join spans on lost.folder = spans.folder
    group by lost.file_id
),

-- files of a folder are taken to be in order: it is of the time between the two beside it, or begins
-- when the one before it ends
timed as (
    select
        neighboured.file_id,
        coalesce(before.file_id, after.file_id) as neighbour_id,
        coalesce(before.event_count, after.event_count) as event_count,
        case
            when before.file_id is null then after.first_at
            when after.first_at > before.last_at
                then
                    before.last_at
                    + {{ micros_between('before.last_at', 'after.first_at') }} / 7200e6 * interval '1' hour
            else least(before.last_at + interval '1' day, run_context.as_of_at)
        end as lost_at
    from neighboured
    cross join {{ source('registry', 'run_context') }} as run_context
    left join spans as before on neighboured.path_before = before.path
    left join spans as after on neighboured.path_after = after.path
),

beside as (
    select
        timed.file_id,
        counted.source_id,
        {{ week_start('timed.lost_at') }} as week_start_date,
        {{ ratio('counted.event_count', 'timed.event_count') }} as share
    from timed
    inner join {{ ref('int_file_sources_counted') }} as counted on timed.neighbour_id = counted.file_id
),

last_seen as (
    select source_id, max(week_start_date) as week_start_date
    from {{ ref('int_source_days_counted') }}
    group by source_id
),

-- else of all sources that the registry has for the place, in the last week that each was seen
placed as (
    select lost.file_id, sources.source_id, last_seen.week_start_date, 1 as share
    from lost
    inner join {{ source('registry', 'sources') }} as sources
        on
            lost.connector = sources.connector
            and (
                lost.connector <> 'cloudevents'
                or split_part(lost.path, '/', 2) in (sources.source_id, sources.product_id)
            )
    inner join last_seen on sources.source_id = last_seen.source_id
    where lost.told_source_id is null and lost.file_id not in (select file_id from beside)
),

told as (
    select
        lost.file_id,
        lost.told_source_id,
        coalesce({{ week_start('timed.lost_at') }}, last_seen.week_start_date) as week_start_date
    from lost
    left join timed on lost.file_id = timed.file_id
    left join last_seen on lost.told_source_id = last_seen.source_id
    where lost.told_source_id is not null
),

blamed as (
    select file_id, null as told_source_id, source_id, week_start_date, share from beside
    union all
    select file_id, null as told_source_id, source_id, week_start_date, share from placed
    union all
    select file_id, told_source_id, told_source_id as source_id, week_start_date, 1 as share from told
)

select
    lost.file_id,
    lost.path,
    blamed.source_id,
    blamed.week_start_date,
    lost.lost_count as file_line_count,
    greatest(cast(round(lost.lost_count * coalesce(blamed.share, 1)) as bigint), 1) as line_count
from lost
left join blamed on lost.file_id = blamed.file_id and lost.told_source_id is not distinct from blamed.told_source_id
