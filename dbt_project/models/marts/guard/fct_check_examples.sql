-- where in the landing zone the events lie that a finding is about
{#- what the line shows, by check of the method -#}
{% set shown = {
    1: 'came again', 2: 'the second of two', 3: 'an id that was taken', 4: 'a finish without a start',
    5: 'a start without an end', 6: 'a finish before its start', 7: 'the start of a task that took no time',
    8: 'a rounded stamp', 9: 'received before it occurred', 10: 'later than declared',
    12: 'breaks its schema', 16: 'no actor', 18: 'a type that no plan names', 20: 'the first after a gap',
} %}
with

people as (
    select distinct source_id, event_type from {{ ref('int_person_event_types') }} where is_hidden
),

places as (
    select distinct
        wanted.source_id, wanted.event_type, wanted.week_start_date, wanted.check_id, wanted.expectation,
        {{ without_addresses('files.path') }} as path, places.line_number,
        people.source_id is not null as is_secret
    from {{ ref('int_evidence_wanted') }} as wanted
    inner join {{ ref('int_evidence_places') }} as places
        on
            wanted.at_source_id = places.source_id
            and wanted.at_week_start_date = places.week_start_date
            and wanted.event_key = places.event_key
            and wanted.copy_reason = places.copy_reason
    inner join {{ source('landing', 'landing_files') }} as files on places.file_id = files.file_id
    left join people on places.source_id = people.source_id and places.event_type = people.event_type
    -- copies of one id may be of several types
    where wanted.copy_reason = 'no copy' or wanted.event_type = places.event_type
),

-- a finding of which a line is left out has none: how many are missing would count hidden people's events
told as (
    select
        *,
        bool_or(is_secret) over (
            partition by source_id, event_type, week_start_date, check_id, expectation
        ) as is_left_out
    from places
),

numbered as (
    select
        *,
        row_number() over (
            partition by source_id, event_type, week_start_date, check_id, expectation
            order by path, line_number
        ) as example_number
    from told
    where not is_left_out
)

select
    source_id,
    event_type,
    week_start_date,
    cast(check_id as integer) as check_id,
    expectation,
    cast(example_number as integer) as example_number,
    path,
    cast(line_number as bigint) as line_number,
    case
        when check_id = 12 and event_type = '*' then 'can''t be read'
        {% for check, words in shown.items() %}
        when check_id = {{ check }} then '{{ words }}'
        {% endfor %}
        else 'breaks its contract'
    end as line_shows
from numbered
where example_number <= 10
