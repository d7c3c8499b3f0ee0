{% set classified, run_context = ref('int_events_classified'), source('registry', 'run_context') %}
{% set events = ref('int_events') %}
{% set changed, events_changed = ref('int_match_values_changed'), ref('int_events_changed') %}
{% set values_changed = '(select product_id, match_value from ' ~ changed ~ ')' %}
-- what the tasks are made of, of any age, that an increment's events belong to, and all that share an id with one of
-- these: found by their keys alone, and read once
{% if not is_increment() -%}
select * from {{ events }} where false
{%- else -%}
with

-- what people do on most days of the year, of types that make no task, is asked for by nobody
found as (
    {% for column in ['subject_id', 'correlation_id'] -%}
    select rowid as row_number
    from {{ classified }}
    where classification = 'accepted'
        and (product_id, {{ column }}) in {{ values_changed }}
        and event_type in (select event_type from {{ ref('int_task_roles') }})
    union
    {% endfor -%}
    select rowid as row_number
    from {{ classified }}
    -- lines without an id share a hash, and lie everywhere
    where classification = 'accepted'
        and id_hash in (select {{ quick_hash(['source_id', 'event_id']) }} from {{ events_changed }})
),

-- apart, since only rows that nothing else is joined to are fetched one by one
fetched as materialized (
    select * from {{ classified }} where rowid in (select row_number from found)
)

select {{ event_columns('events') }}
from fetched as events
cross join {{ run_context }} as run_context
where {{ is_known('events') }}
{%- endif %}
