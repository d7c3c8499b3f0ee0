{% set columns = [
    'product_id', 'source_id', 'event_id', 'event_type', 'subject_id', 'correlation_id', 'actor_id',
    'occurred_at', 'received_at', 'occurred_week_start_date', 'sequence', 'file_id',
] %}
{% set classified = ref('int_events_classified') %}
{% set rejudged, new_files = ref('int_events_rejudged'), source('built', 'new_files') %}
{% set run_plan = source('built', 'run_plan') %}

{% if not is_increment() -%}
-- everything is computed: nobody asks what changed
select {{ columns | join(', ') }}
from {{ classified }}
where false
{%- else -%}
with

-- few if any: without them all events would be gone through
late_files as materialized (
    select files.file_id, run_plan.earlier_as_of_at
    from {{ left_by_earlier_runs('intake', 'int_file_lines_counted') }} as files
    cross join {{ run_plan }} as run_plan
    where files.last_known_at > run_plan.earlier_as_of_at
)

select {{ columns | join(', ') }}
from {{ classified }}
where file_id in (select file_id from {{ new_files }})

union all

select
    {%- for column in columns %}
    classified.{{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ classified }} as classified
inner join {{ rejudged }} as rejudged
    on classified.file_id = rejudged.file_id
        and classified.line_number = rejudged.line_number
        and classified.event_number = rejudged.event_number
where classified.classification <> rejudged.classification
    or classified.reason is distinct from rejudged.reason

union all

-- what lay there already and had not been received at the earlier as-of
select
    {%- for column in columns %}
    classified.{{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ classified }} as classified
inner join late_files on classified.file_id = late_files.file_id
where {{ known_at('classified') }} > late_files.earlier_as_of_at
{%- endif %}
